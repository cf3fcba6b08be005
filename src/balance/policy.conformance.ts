// What holds for every balancing policy. A policy's test calls policyConformance() once and adds
// what is particular to it. stage() is the board and candidates that such tests share.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { ServerState } from "../scoreboard/server-state.ts";
import {
  type ControlScoreboard,
  createScoreboard,
  openScoreboard,
  type WorkerScoreboard,
} from "../scoreboard/scoreboard.ts";
import { type Candidates, noKey, type Picker, PickRequest, type Policy } from "./policy.ts";
import { type Random, randomBelow, seededRandom } from "./random.ts";
import { Selection } from "./selection.ts";

/** A backend of the given weights, all up, ready to be picked from by several workers. */
export interface Stage {
  readonly control: ControlScoreboard;
  readonly workers: readonly WorkerScoreboard[];
  /** The backend's row. */
  readonly backend: number;
  readonly candidates: Candidates;
  /** The policy as each worker has it. */
  readonly pickers: readonly Picker[];
  readonly selections: readonly Selection[];
}

export interface StageSettings {
  /** By server; default: server0, server1, ... */
  readonly names?: readonly string[];
  readonly boundedLoad?: number;
}

/** Rows are not the candidates' indexes, so that mistaking one for the other shows. */
export function stage(
  policy: Policy,
  weights: readonly number[],
  seed: number = 1,
  settings: StageSettings = {},
): Stage {
  const backend = 1;
  const servers = Math.max(1, weights.length) + 3;
  const memory = createScoreboard({ workers: 3, servers, backends: 2, frontends: 1 });
  const control = openScoreboard(memory, null);
  const workers = [0, 1, 2].map((worker) => openScoreboard(memory, worker));
  const rows = Int32Array.from(weights, (_, i) => weights.length - i + 2);
  const names = settings.names ?? weights.map((_, i) => `server${i}`);
  for (const [i, weight] of weights.entries()) {
    control.setServer(backend, rows[i] as number, ServerState.up, weight);
  }
  const count = weights.length;
  const candidates = {
    count,
    rows,
    weights: Int32Array.from(weights),
    names,
    places: Int32Array.from(weights, (_, i) => i),
  };
  const options = { boundedLoad: settings.boundedLoad ?? 0 };
  const half = policy.tableCells?.(count);
  const table = half === undefined ? null : new Int32Array(2 * half);
  const inForce = table?.subarray(0, half) ?? null;
  if (inForce !== null) policy.fill?.(candidates, inForce);
  const plan = {
    policy: policy.name,
    options,
    row: backend,
    servers: names.map((name, i) => ({
      name,
      row: rows[i] as number,
      backup: false,
      maxconn: 0,
    })),
    allBackups: false,
    panicThreshold: 0,
    table,
  };
  return {
    control,
    workers,
    backend,
    candidates,
    pickers: workers.map((board) =>
      policy.prepare(candidates, {
        board,
        backend,
        random: seededRandom(seed),
        options,
        table: inForce,
      }),
    ),
    selections: workers.map((board) => new Selection(plan, board, seededRandom(seed))),
  };
}

/** A pick's request; `excluded` by index. */
export function request(excluded: readonly number[] | null = null, servers = 0): PickRequest {
  const made = new PickRequest();
  if (excluded === null) return made;
  made.excluded = new Uint8Array(servers);
  for (const index of excluded) made.excluded[index] = 1;
  return made;
}

/** A pick's request with a key; any number will do. */
export function keyed(key: number): PickRequest {
  const made = new PickRequest();
  made.key = key >>> 0;
  return made;
}

/** The picks of a workload whose sessions begin at random workers and last for some time. */
export function workload(on: Stage, picks: number, heldMax: number, random: Random): number[] {
  const held: { readonly server: number; readonly worker: number }[] = [];
  const { active } = serverField;
  const asked = new PickRequest();
  return Array.from({ length: picks }, () => {
    const worker = randomBelow(random, on.workers.length);
    asked.key = random.next();
    asked.nowMs++;
    const server = (on.pickers[worker] as Picker).pick(asked);
    on.workers[worker]?.servers.gaugeAdd(on.candidates.rows[server] as number, active, 1);
    on.workers[worker]?.backends.gaugeAdd(on.backend, backendField.placed, 1);
    held.push({ server, worker });
    const ended = held.length > heldMax ? held.shift() : undefined;
    if (ended !== undefined) {
      const row = on.candidates.rows[ended.server] as number;
      on.workers[ended.worker]?.servers.gaugeAdd(row, active, -1);
      on.workers[ended.worker]?.backends.gaugeAdd(on.backend, backendField.placed, -1);
    }
    return server;
  });
}

/** Weights 1 to 5, again and again. */
function weightsOf(servers: number): number[] {
  return Array.from({ length: servers }, (_, i) => 1 + (i % 5));
}

/**
 * `unfairness`: the part of its fair share, by weight, by which a server's count may be off (one
 * pick is always forgiven); null for a policy that does not mean to spread evenly.
 */
export function policyConformance(
  name: string,
  factory: () => Policy,
  unfairness: number | null,
  settings: StageSettings = {},
): void {
  const ready = (weights: readonly number[], seed: number = 1): Stage =>
    stage(factory(), weights, seed, settings);
  describe(`policy ${name}${settings.boundedLoad ? " with a bounded load" : ""}`, () => {
    it("has the name that the registry and the configuration use", () => {
      expect(factory().name).toBe(name);
      expect(() => ready([1])).not.toThrow();
    });

    it("answers -1 for an empty set", () => {
      const { pickers, selections } = ready([]);
      expect(pickers[0]?.pick(request())).toBe(-1);
      expect(pickers[0]?.pick(request([], 0))).toBe(-1);
      expect(selections[0]?.pick(request())).toBe(-1);
    });

    it("answers the only server there is, whatever its weight and key", () => {
      for (const weight of [1, 7, 256]) {
        const { pickers } = ready([weight]);
        const asked = request();
        for (const key of [noKey, 0, 1, 0xffff_ffff]) {
          asked.key = key;
          expect(pickers[0]?.pick(asked)).toBe(0);
        }
      }
    });

    it("is never given servers of weight 0, nor servers that are not up", () => {
      const on = ready([1, 0, 1, 1, 1, 2]);
      const { down, drain, maint } = ServerState;
      for (const [index, state] of [
        [2, down],
        [3, drain],
        [4, maint],
      ] as const) {
        on.control.setServer(on.backend, on.candidates.rows[index] as number, state, 1);
      }
      const seen = Array.from({ length: 60 }, (_, i) =>
        on.selections[0]?.pick(i % 2 === 0 ? request() : keyed(i * 0x9e3779b1)),
      );
      expect(seen.every((index) => index === 0 || index === 5)).toBe(true);
    });

    it("answers -1 while all are down, and goes on with the first that is back", () => {
      const on = ready([3, 1, 2]);
      const set = (index: number, state: ServerState): boolean =>
        on.control.setServer(on.backend, on.candidates.rows[index] as number, state, 1);
      for (const index of [0, 1, 2]) set(index, ServerState.down);
      expect(on.selections.map((selection) => selection.pick(keyed(7)))).toEqual([-1, -1, -1]);
      set(1, ServerState.up);
      expect(on.selections.map((selection) => selection.pick(keyed(7)))).toEqual([1, 1, 1]);
    });

    it("gives a draining server nothing, and its share again when it is ready", () => {
      const on = ready([1, 1, 1]);
      const seen = (): Set<number | undefined> =>
        new Set(
          Array.from({ length: 300 }, (_, i) => on.selections[i % 3]?.pick(keyed(i * 0x9e3779b1))),
        );
      const before = seen();
      on.control.setServer(on.backend, on.candidates.rows[0] as number, ServerState.drain, 1);
      expect(seen()).not.toContain(0);
      on.control.setServer(on.backend, on.candidates.rows[0] as number, ServerState.up, 1);
      expect(seen()).toEqual(before);
      expect(before).toContain(0);
    });

    it("answers -1 when all are excluded", () => {
      for (const servers of [1, 3, 100]) {
        const { pickers } = ready(weightsOf(servers));
        const all = request([...Array.from({ length: servers }).keys()], servers);
        expect(pickers[0]?.pick(all)).toBe(-1);
      }
    });

    it("finds the only one that is not excluded", () => {
      const servers = 40;
      const { pickers } = ready(weightsOf(servers));
      for (let only = 0; only < servers; only++) {
        const others = [...Array.from({ length: servers }).keys()].filter((each) => each !== only);
        expect(pickers[only % 3]?.pick(request(others, servers))).toBe(only);
      }
    });

    it("answers in range, never an excluded one, -1 only if nothing is left, whatever the load", () => {
      const server = fc.record({
        weight: fc.integer({ min: 1, max: 256 }),
        load: fc.nat({ max: 1000 }),
        excluded: fc.boolean(),
      });
      const key = fc.oneof(fc.constant(noKey), fc.nat({ max: 0xffff_ffff }));
      fc.assert(
        fc.property(fc.array(server, { maxLength: 20 }), key, fc.nat(), (servers, hash, seed) => {
          const on = ready(
            servers.map(({ weight }) => weight),
            seed,
          );
          for (const [i, { load }] of servers.entries()) {
            const row = on.candidates.rows[i] as number;
            on.workers[i % 3]?.servers.gaugeAdd(row, serverField.active, load);
          }
          const excluded = [...servers.keys()].filter((i) => servers[i]?.excluded);
          const asked = request(excluded, servers.length);
          asked.key = hash;
          for (const picker of on.pickers) {
            const picked = picker.pick(asked);
            // -1 is right when nothing is left; otherwise it has no entry and fails here.
            const wrong = excluded.length === servers.length ? picked !== -1 : undefined;
            expect(wrong ?? servers[picked]?.excluded).toBe(false);
          }
        }),
      );
    });

    it("manages thousands of servers", () => {
      const servers = 5000;
      const on = ready(Array.from({ length: servers }, (_, i) => 1 + ((i * 31) % 256)));
      const picked = workload(on, 2000, 500, seededRandom(3));
      expect(
        picked.every((index) => Number.isInteger(index) && index >= 0 && index < servers),
      ).toBe(true);
    });

    it("picks the same again from the same seed and the same loads", () => {
      const [once, again] = [1, 2].map(() =>
        workload(ready(weightsOf(17), 42), 500, 60, seededRandom(9)),
      );
      expect(once).toEqual(again);
    });

    it("changes nothing on the scoreboard but its backend's cursor", () => {
      const on = ready(weightsOf(6));
      const seen = (): unknown => [
        ...Array.from(on.candidates.rows, (row) => on.control.servers.snapshot(row)),
        { ...on.control.backends.snapshot(on.backend), cursor: 0 },
        on.control.backends.snapshot(0),
      ];
      const before = seen();
      for (let i = 0; i < 20; i++)
        on.pickers[i % 3]?.pick(request(i % 2 === 0 ? null : [i % 6], 6));
      expect(seen()).toEqual(before);
    });

    it("does not mind a cursor left anywhere by another policy", () => {
      const on = ready(weightsOf(7));
      for (const cursor of [-1, 0x7fff_ffff, -0x8000_0000, 12_345]) {
        on.control.backends.store(on.backend, backendField.cursor, cursor);
        for (let i = 0; i < 10; i++) {
          expect(on.candidates.names[on.pickers[0]?.pick(request()) as number]).toBeDefined();
        }
      }
    });

    it.skipIf(unfairness === null)("gives every server its share by weight", () => {
      for (const weights of [
        [1, 1, 1],
        [5, 1, 1],
        [1, 2, 3, 4, 5, 6],
        [256, 128, 1],
      ]) {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const on = ready(weights);
        const picked = workload(on, 100 * total, 4 * total, seededRandom(5));
        for (const [index, weight] of weights.entries()) {
          const off = Math.abs(picked.filter((each) => each === index).length - 100 * weight);
          expect(off).toBeLessThanOrEqual(1 + (unfairness ?? 0) * 100 * weight);
        }
      }
    });
  });
}
