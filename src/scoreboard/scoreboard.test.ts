import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  backendField,
  type Field,
  fieldCount,
  fieldEntries,
  frontendField,
  serverField,
  workerField,
} from "./fields.ts";
import { type Kind, type TableName, tables } from "./layout.ts";
import { ServerState, serverStateNames } from "./server-state.ts";
import { type Capacity, placesFor } from "./memory.ts";
import { createScoreboard, openScoreboard, type WorkerScoreboard } from "./scoreboard.ts";
import type { Table, WorkerTable } from "./table.ts";

const small: Capacity = { workers: 3, servers: 4, backends: 2, frontends: 2 };

interface AnyBoard {
  readonly servers: Table<"server">;
  readonly backends: Table<"backend">;
  readonly frontends: Table<"frontend">;
  readonly workers: Table<"worker">;
}

/** The tables of a board, as if they were of one kind, so that a test can walk all of them. */
function tablesOf(board: AnyBoard): Table<"server">[] {
  const all = [board.servers, board.backends, board.frontends, board.workers];
  return all as unknown as Table<"server">[];
}

/** Puts `sessions` on a server, and one more here and there. */
function use(board: WorkerScoreboard, row: number, sessions: number): void {
  board.servers.gaugeAdd(row, serverField.active, sessions);
  board.servers.gaugeAdd(row, serverField.queued, 1);
  board.backends.gaugeAdd(1, backendField.active, sessions);
  board.frontends.gaugeAdd(0, frontendField.waiting, 1);
  board.servers.count(row, serverField.sessions, sessions);
}

describe("layout", () => {
  it("numbers the fields of a kind without gaps, gauges before shared cells", () => {
    for (const name of Object.keys(tables) as TableName[]) {
      const numbers = (of: readonly string[]): number[] =>
        fieldEntries(name)
          .filter(({ kind }) => of.includes(kind))
          .map(({ number }) => number);
      const [cells, counters] = [numbers(["gauge", "shared"]), numbers(["counter"])];
      expect(cells).toEqual([...cells.keys()]);
      expect(counters).toEqual([...counters.keys()]);
      expect(fieldEntries(name).length).toBe(Object.keys(tables[name]).length);
    }
  });

  it("has a word for every server state, and zeroed memory means down", () => {
    for (const [word, state] of Object.entries(ServerState)) {
      expect(serverStateNames[state]).toBe(word);
    }
    expect(ServerState.down).toBe(0);
  });

  it("keeps the columns of two workers more than a cache line apart", () => {
    fc.assert(
      fc.property(
        fc.record({
          workers: fc.integer({ min: 1, max: 8 }),
          servers: fc.integer({ min: 1, max: 50 }),
          backends: fc.integer({ min: 1, max: 50 }),
          frontends: fc.integer({ min: 1, max: 50 }),
        }),
        (capacity) => {
          const { bytes, tables: places } = placesFor(capacity);
          const names = Object.keys(places) as TableName[];
          const { workerBytes } = places.server;
          const first = Math.min(...names.map((name) => places[name].countersAt));
          const ends = names.map((name) => {
            const { rows, sharesAt } = places[name];
            return sharesAt + rows * fieldCount(name, "gauge") * 4;
          });
          const last = Math.max(...ends);
          expect(first + workerBytes - last).toBeGreaterThanOrEqual(64);
          expect(workerBytes % 64).toBe(0);
          expect(bytes).toBe(first + workerBytes * capacity.workers);
        },
      ),
    );
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a capacity of %s", (servers) => {
    expect(() => createScoreboard({ ...small, servers })).toThrow(/capacity for servers/);
  });
});

describe("scoreboard", () => {
  it("has a place of its own for every field of every row and worker", () => {
    const memory = createScoreboard(small);
    const workers = [0, 1, 2].map((worker) => openScoreboard(memory, worker));
    const control = openScoreboard(memory, null);

    // Everything gets another value; if two places were one, one of the values would be lost.
    const places: Place[] = [];
    for (const [table, { name, rows }] of tablesOf(control).entries()) {
      for (let row = 0; row < rows; row++) {
        for (const { kind, number } of fieldEntries(name)) {
          for (const worker of kind === "shared" ? [0] : [0, 1, 2]) {
            places.push({ table, row, kind, number, worker, value: places.length + 1 });
          }
        }
      }
    }
    for (const { table, row, kind, number, worker, value } of places) {
      const own = tablesOf(workers[worker] as WorkerScoreboard)[table] as WorkerTable<"server">;
      if (kind === "shared") own.store(row, number as Field<"server", "shared">, value);
      else if (kind === "gauge") own.gaugeAdd(row, number as Field<"server", "gauge">, value);
      else if (kind === "mark") own.setMark(row, number as Field<"server", "mark">, value);
      else own.count(row, number as Field<"server", "counter">, value);
    }
    const seen = places.map((place) => {
      const { row, kind, number, worker } = place;
      const table = tablesOf(control)[place.table] as Table<"server">;
      if (kind === "shared") return table.load(row, number as Field<"server", "shared">);
      if (kind === "gauge") return table.share(worker, row, number as Field<"server", "gauge">);
      if (kind === "mark") return table.mark(worker, row, number as Field<"server", "mark">);
      return table.column(worker, row, number as Field<"server", "counter">);
    });
    expect(seen).toEqual(places.map(({ value }) => value));

    for (const { table: t, row, kind, number } of places) {
      const table = tablesOf(control)[t] as Table<"server">;
      const same = places.filter(
        (each) =>
          each.table === t && each.row === row && each.kind === kind && each.number === number,
      );
      const total = same.reduce((sum, { value }) => sum + value, 0);
      const first = Math.min(...same.map(({ value }) => value));
      const read = {
        shared: () => table.load(row, number as Field<"server", "shared">),
        gauge: () => table.gauge(row, number as Field<"server", "gauge">),
        counter: () => table.sum(row, number as Field<"server", "counter">),
        mark: () => {
          const field = number as Field<"server", "mark">;
          return table.mark(table.earliest(row, field), row, field);
        },
      };
      expect(read[kind]()).toBe(kind === "mark" ? first : total);
    }
  });

  it("shows a row by the names of its fields, summed over workers", () => {
    const memory = createScoreboard(small);
    const one = openScoreboard(memory, 0);
    const two = openScoreboard(memory, 2);
    const control = openScoreboard(memory, null);
    control.servers.store(1, serverField.state, ServerState.up);
    control.servers.store(1, serverField.weight, 7);
    one.servers.count(1, serverField.bytesIn, 2 ** 40);
    two.servers.count(1, serverField.bytesIn, 1);
    one.servers.gaugeAdd(1, serverField.active, 3);
    two.servers.gaugeAdd(1, serverField.active, -1);
    expect(control.servers.glance(1, serverField.active)).toBe(2);
    const shown = control.servers.snapshot(1);
    expect(Object.keys(shown).toSorted()).toEqual(Object.keys(tables.server).toSorted());
    expect(shown).toMatchObject({ state: 1, weight: 7, bytesIn: 2 ** 40 + 1, active: 2 });
    expect(control.servers.snapshot(0)).toMatchObject({ state: 0, weight: 0, bytesIn: 0 });
  });

  it("keeps what each worker says of itself in its own column", () => {
    const memory = createScoreboard(small);
    openScoreboard(memory, 0).workers.count(0, workerField.turns, 5);
    openScoreboard(memory, 1).workers.advance(0, workerField.turns, 12_345.5);
    const { workers } = openScoreboard(memory, null);
    expect(workers.column(0, 0, workerField.turns)).toBe(5);
    expect(workers.column(1, 0, workerField.turns)).toBe(12_345.5);
  });

  it("finds the worker that waits longest, and forgets the marks of the dead", () => {
    const memory = createScoreboard(small);
    const [one, two] = [openScoreboard(memory, 0), openScoreboard(memory, 1)];
    const control = openScoreboard(memory, null);
    const { queueHead } = serverField;
    expect(control.servers.earliest(2, queueHead)).toBe(-1);
    one.servers.setMark(2, queueHead, 700.5);
    two.servers.setMark(2, queueHead, 699.5);
    expect(control.servers.earliest(2, queueHead)).toBe(1);
    control.releaseWorker(1);
    expect(control.servers.earliest(2, queueHead)).toBe(0);
    expect(control.servers.snapshot(2).queueHead).toBe(700.5);
  });

  it("tells with one step whether there was room", () => {
    const memory = createScoreboard(small);
    const boards = [0, 1, 2].map((worker) => openScoreboard(memory, worker));
    const totals = boards.map(({ frontends }) => frontends.gaugeAdd(0, frontendField.active, 1));
    expect(totals).toEqual([1, 2, 3]);
  });

  it("adds to and replaces shared cells as one step", () => {
    const { backends } = openScoreboard(createScoreboard(small), null);
    expect(backends.fetchAdd(1, backendField.cursor, 5)).toBe(0);
    expect(backends.replace(1, backendField.cursor, 4, 9)).toBe(false);
    expect(backends.load(1, backendField.cursor)).toBe(5);
    expect(backends.replace(1, backendField.cursor, 5, 9)).toBe(true);
    expect(backends.load(1, backendField.cursor)).toBe(9);
  });

  it("takes a dead worker's shares out of the gauges and leaves its counters", () => {
    const memory = createScoreboard(small);
    const [one, two] = [openScoreboard(memory, 0), openScoreboard(memory, 1)];
    use(one, 0, 4);
    use(one, 3, 2);
    use(two, 3, 7);
    const control = openScoreboard(memory, null);
    control.releaseWorker(0);
    control.releaseWorker(0);
    expect(control.servers.idle(0)).toBe(true);
    expect(control.servers.snapshot(3)).toMatchObject({ active: 7, queued: 1, sessions: 9 });
    expect(control.servers.snapshot(0)).toMatchObject({ active: 0, queued: 0, sessions: 4 });
    expect(control.backends.gauge(1, backendField.active)).toBe(7);
    expect(control.frontends.gauge(0, frontendField.waiting)).toBe(1);
    expect(control.servers.share(0, 3, serverField.active)).toBe(0);

    const successor = openScoreboard(memory, 0);
    successor.servers.gaugeAdd(3, serverField.active, 1);
    expect(control.servers.gauge(3, serverField.active)).toBe(8);
  });

  it("moves a backend's version only when a server's state or weight changes", () => {
    const control = openScoreboard(createScoreboard(small), null);
    const version = (): number => control.backends.load(1, backendField.version);
    expect(control.setServer(1, 2, ServerState.up, 3)).toBe(true);
    expect(version()).toBe(1);
    expect(control.setServer(1, 2, ServerState.up, 3)).toBe(false);
    expect(version()).toBe(1);
    expect(control.setServer(1, 2, ServerState.drain, 3)).toBe(true);
    expect(control.setServer(1, 2, ServerState.drain, 4)).toBe(true);
    expect(version()).toBe(3);
    expect(control.servers.snapshot(2)).toMatchObject({ state: ServerState.drain, weight: 4 });
    expect(control.backends.load(0, backendField.version)).toBe(0);
  });

  it.each([-1, 3, 0.5])("does not open for worker %s of 3", (worker) => {
    const memory = createScoreboard(small);
    expect(() => openScoreboard(memory, worker)).toThrow(/workers 0 to 2/);
  });
});

interface Place {
  readonly table: number;
  readonly row: number;
  readonly kind: Kind;
  readonly number: number;
  readonly worker: number;
  readonly value: number;
}
