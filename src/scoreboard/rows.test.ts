import { describe, expect, it } from "vitest";
import { serverField } from "./fields.ts";
import { ServerState } from "./server-state.ts";
import { RowBook, serverKey } from "./rows.ts";
import {
  type ControlScoreboard,
  createScoreboard,
  openScoreboard,
  type WorkerScoreboard,
} from "./scoreboard.ts";

interface Fixture {
  readonly control: ControlScoreboard;
  readonly worker: WorkerScoreboard;
  readonly book: RowBook<"server">;
}

function fixture(servers: number): Fixture {
  const memory = createScoreboard({ workers: 2, servers, backends: 1, frontends: 1 });
  const control = openScoreboard(memory, null);
  return { control, worker: openScoreboard(memory, 1), book: new RowBook(control.servers) };
}

const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => serverKey("web", name)) as [
  string,
  string,
  string,
  string,
];

describe("RowBook", () => {
  it("gives each name a row of its own and always the same one", () => {
    const { book } = fixture(3);
    const rows = [a, b, c].map((name) => book.assign(name));
    expect(new Set(rows).size).toBe(3);
    expect([a, b, c].map((name) => book.assign(name))).toEqual(rows);
    expect([a, b, c].map((name) => book.row(name))).toEqual(rows);
    expect(book.row("web/other")).toBeUndefined();
  });

  it("says what is missing when it is full, and changes nothing", () => {
    const { book } = fixture(2);
    book.assign(a);
    expect(book.fits([a, b])).toBeNull();
    expect(book.fits([b, b])).toBeNull();
    expect(book.fits([a, b, c])).toMatch(/no room for 2 more server row.*web\/b, web\/c.*1 of 2/);
    expect(book.free).toBe(1);
    book.assign(b);
    expect(() => book.assign(c)).toThrow(/web\/c.*0 of 2 are free/);
    expect(book.row(c)).toBeUndefined();
    expect(book.assign(b)).toBe(book.row(b));
  });

  it("keeps the row of a removed server until its last session has ended", () => {
    const { book, worker } = fixture(2);
    const row = book.assign(a);
    book.assign(b);
    worker.servers.gaugeAdd(row, serverField.active, 1);
    book.retain([b]);
    expect(book.sweep()).toEqual([]);
    expect(book.draining).toEqual([a]);
    expect(book.row(a)).toBe(row);
    expect(() => book.assign(c)).toThrow(/1 wait for their last sessions/);

    worker.servers.gaugeAdd(row, serverField.active, -1);
    expect(book.sweep()).toEqual([a]);
    expect(book.draining).toEqual([]);
    expect(book.row(a)).toBeUndefined();
    expect(book.assign(c)).toBe(row);
  });

  it("gives a name that comes back in time its old row and numbers", () => {
    const { book, worker, control } = fixture(2);
    const row = book.assign(a);
    worker.servers.count(row, serverField.sessions, 9);
    worker.servers.gaugeAdd(row, serverField.active, 1);
    book.retain([]);
    book.sweep();
    expect(book.assign(a)).toBe(row);
    worker.servers.gaugeAdd(row, serverField.active, -1);
    expect(book.sweep()).toEqual([]);
    expect(control.servers.sum(row, serverField.sessions)).toBe(9);

    book.retain([]);
    book.retain([a]);
    expect(book.sweep()).toEqual([]);
  });

  it("clears a row for its next owner, in all columns, and no other row", () => {
    const { book, worker, control } = fixture(3);
    const rows = [a, b, c].map((name) => book.assign(name));
    for (const row of rows) {
      control.setServer(0, row, ServerState.up, 5);
      worker.servers.count(row, serverField.bytesOut, 100);
      worker.servers.gaugeAdd(row, serverField.active, 2);
    }
    const [, row] = rows as [number, number, number];
    worker.servers.gaugeAdd(row, serverField.active, -2);
    book.retain([a, c]);
    expect(book.sweep()).toEqual([b]);
    expect(book.assign(d)).toBe(row);
    expect(Object.values(control.servers.snapshot(row)).every((value) => value === 0)).toBe(true);
    expect(control.servers.share(1, row, serverField.active)).toBe(0);
    for (const other of rows.filter((each) => each !== row)) {
      const kept = { state: ServerState.up, weight: 5, bytesOut: 100, active: 2 };
      expect(control.servers.snapshot(other)).toMatchObject(kept);
    }
  });

  it("never gives one row to two names through any number of reloads", () => {
    const { book } = fixture(40);
    for (let reload = 0; reload < 200; reload++) {
      const names = Array.from(
        { length: 20 },
        (_, i) => `web/${(reload * 7 + i * (1 + reload)) % 64}`,
      );
      book.retain(names);
      book.sweep();
      const unique = new Set(names);
      const rows = [...unique].map((name) => book.assign(name));
      expect(new Set(rows).size).toBe(unique.size);
      expect(Math.max(...rows)).toBeLessThan(40);
      expect(book.free).toBe(40 - unique.size);
    }
  });
});
