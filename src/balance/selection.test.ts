import { describe, expect, it } from "vitest";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { ServerState } from "../scoreboard/server-state.ts";
import { createScoreboard, openScoreboard } from "../scoreboard/scoreboard.ts";
import { request, stage, type Stage } from "./policy.conformance.ts";
import { seededRandom } from "./random.ts";
import { hashMethodNames, policyNamed, policyNames } from "./registry.ts";
import { roundrobin } from "./roundrobin.ts";
import { Selection } from "./selection.ts";

function set(on: Stage, index: number, state: ServerState, weight = 1): void {
  on.control.setServer(on.backend, on.candidates.rows[index] as number, state, weight);
}

function picks(on: Stage, count: number, excluded: readonly number[] | null = null): number[] {
  const asked = request(excluded, on.candidates.count);
  return Array.from({ length: count }, () => on.selections[0]?.pick(asked) as number);
}

describe("Selection", () => {
  it("answers with the server's place in the plan, whichever others are usable", () => {
    const on = stage(roundrobin, [1, 1, 1, 1]);
    set(on, 0, ServerState.down);
    set(on, 2, ServerState.maint);
    expect(new Set(picks(on, 4))).toEqual(new Set([1, 3]));
    expect(on.selections[0]?.usable).toBe(2);
  });

  it("follows the control plane in every worker", () => {
    const on = stage(roundrobin, [1, 1]);
    expect(on.selections.map(({ usable }) => usable)).toEqual([2, 2, 2]);
    set(on, 1, ServerState.down);
    expect(on.selections.map(({ usable }) => usable)).toEqual([1, 1, 1]);
    expect(on.selections.map((selection) => selection.pick(request()))).toEqual([0, 0, 0]);
    set(on, 1, ServerState.up, 0);
    expect(picks(on, 3)).toEqual([0, 0, 0]);
    set(on, 0, ServerState.drain);
    expect(picks(on, 2)).toEqual([-1, -1]);
    set(on, 1, ServerState.up, 4);
    set(on, 0, ServerState.up, 1);
    expect(picks(on, 50).filter((index) => index === 0).length).toBe(10);
  });

  it("looks at the servers again only when the backend's version has moved", () => {
    const on = stage(roundrobin, [1, 1]);
    const row = on.candidates.rows[0] as number;
    on.control.servers.store(row, serverField.state, ServerState.down);
    expect(new Set(picks(on, 4))).toEqual(new Set([0, 1]));
    on.control.backends.fetchAdd(on.backend, backendField.version, 1);
    expect(new Set(picks(on, 4))).toEqual(new Set([1]));
  });

  it("keeps a session's exclusions right while the usable servers change under it", () => {
    const on = stage(roundrobin, [1, 1, 1]);
    const asked = request([1], 3);
    set(on, 0, ServerState.down);
    for (let i = 0; i < 4; i++) expect(on.selections[0]?.pick(asked)).toBe(2);
    set(on, 2, ServerState.down);
    expect(on.selections[0]?.pick(asked)).toBe(-1);
    set(on, 0, ServerState.up);
    expect(on.selections[0]?.pick(asked)).toBe(0);
    expect([...(asked.excluded ?? [])]).toEqual([0, 1, 0]);
  });

  it("hands on the key and the clock", () => {
    const seen: unknown[] = [];
    const on = stage(roundrobin, [1, 1]);
    const selection = on.selections[0] as Selection;
    Object.assign(selection, {
      picker: {
        pick: ({ key, nowMs, excluded }: ReturnType<typeof request>) => {
          seen.push({ key, nowMs, excluded });
          return -1;
        },
      },
    });
    const asked = request();
    asked.key = 0xdead_beef;
    asked.nowMs = 12.5;
    expect(selection.pick(asked)).toBe(-1);
    expect(seen).toEqual([{ key: 0xdead_beef, nowMs: 12.5, excluded: null }]);
  });

  it("has no policy by an unknown name, and says which there are", () => {
    const memory = createScoreboard({ workers: 1, servers: 1, backends: 1, frontends: 1 });
    const plan = {
      policy: "roundrobbin",
      options: { boundedLoad: 0 },
      row: 0,
      servers: [],
      allBackups: false,
      panicThreshold: 0,
      table: null,
    };
    const board = openScoreboard(memory, 0);
    expect(() => new Selection(plan, board, seededRandom(1))).toThrow(
      /roundrobbin; there are roundrobin, leastconn/,
    );
    const all = [...policyNames, ...hashMethodNames];
    expect(all.map((name) => policyNamed(name).name)).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
    expect(hashMethodNames[0]).toBe("ring");
  });
});
