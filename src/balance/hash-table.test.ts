// The table on its way from the control plane to the workers: places, not candidates; another's
// table for a moment; a table that is anything at all.
import { describe, expect, it } from "vitest";
import { backendField } from "../scoreboard/fields.ts";
import { ServerState } from "../scoreboard/server-state.ts";
import { createScoreboard, openScoreboard } from "../scoreboard/scoreboard.ts";
import { candidatesAt } from "./candidates.ts";
import { HashTable } from "./hash-table.ts";
import { keyed, stage } from "./policy.conformance.ts";
import { seededRandom } from "./random.ts";
import { policyNamed } from "./registry.ts";
import { Selection } from "./selection.ts";
import { usableServers } from "./usable.ts";

const tabled = ["ring", "maglev", "source"];
const names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];
const keys = Array.from({ length: 400 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);

function scene(policy: string): {
  readonly set: (name: string, state: ServerState) => void;
  readonly publish: () => void;
  readonly choices: () => (string | undefined)[];
  readonly table: HashTable;
} {
  const memory = createScoreboard({ workers: 1, servers: 10, backends: 1, frontends: 1 });
  const control = openScoreboard(memory, null);
  const servers = names.map((name, i) => ({ name, row: 9 - i, backup: false, maxconn: 0 }));
  for (const { row } of servers) control.setServer(0, row, ServerState.up, 100);
  const rules = { servers, allBackups: false, panicThreshold: 0 };
  const table = HashTable.for(policy, names.length) as HashTable;
  const publish = (): void => {
    table.publish(candidatesAt(usableServers(rules, control), servers, control), control, 0);
    control.backends.fetchAdd(0, backendField.version, 1);
  };
  publish();
  const plan = { policy, options: { boundedLoad: 0 }, row: 0, ...rules };
  const shared = { ...plan, table: new Int32Array(table.buffer) };
  const selection = new Selection(shared, openScoreboard(memory, 0), seededRandom(1));
  return {
    set(name, state) {
      control.setServer(0, 9 - names.indexOf(name), state, 100);
    },
    publish,
    choices: () => keys.map((key) => names[selection.pick(keyed(key))]),
    table,
  };
}

/** What a backend of just these servers chooses. */
function alone(policy: string, those: readonly string[]): (string | undefined)[] {
  const weights = those.map(() => 100);
  const on = stage(policyNamed(policy), weights, 1, { names: those });
  return keys.map((key) => those[on.pickers[0]?.pick(keyed(key)) as number]);
}

describe.each(tabled)("the table of %s", (policy) => {
  it("speaks of places in the plan, so the same names choose the same with others beside them", () => {
    const on = scene(policy);
    expect(on.choices()).toEqual(alone(policy, names));
    on.set("alpha", ServerState.drain);
    on.set("delta", ServerState.down);
    on.publish();
    expect(on.choices()).toEqual(alone(policy, ["beta", "gamma", "epsilon", "zeta"]));
    on.set("alpha", ServerState.up);
    on.publish();
    expect(on.choices()).toEqual(alone(policy, ["alpha", "beta", "gamma", "epsilon", "zeta"]));
  });

  it("may for a moment name servers that have left: the next one is met", () => {
    const on = scene(policy);
    const before = on.choices();
    on.set("beta", ServerState.maint);
    const after = on.choices();
    expect(after).not.toContain("beta");
    const needless = before.filter((name, i) => name !== "beta" && after[i] !== name);
    expect(needless).toEqual([]);
  });

  it("may lack those that have just come: picks go on among the others", () => {
    const on = scene(policy);
    for (const name of names.slice(1)) on.set(name, ServerState.down);
    on.publish();
    expect(new Set(on.choices())).toEqual(new Set(["alpha"]));
    on.set("zeta", ServerState.up);
    on.set("alpha", ServerState.down);
    // The table knows alpha alone, and the only usable server is zeta.
    expect(new Set(on.choices())).toEqual(new Set(["zeta"]));
  });

  it("can hold anything without harm", () => {
    const on = scene(policy);
    const random = seededRandom(3);
    const cells = new Int32Array(on.table.buffer);
    for (let round = 0; round < 20; round++) {
      const noise = Int32Array.from({ length: 4096 }, () => random.next());
      for (let i = 0; i < cells.length; i += noise.length) {
        cells.set(noise.subarray(0, cells.length - i), i);
      }
      // Also with a count of points that is believable.
      if (round % 2 === 0) cells[0] = cells[cells.length / 2] = 1 + (round % 7);
      on.set("alpha", round % 2 === 0 ? ServerState.down : ServerState.up);
      const allowed = round % 2 === 0 ? names.slice(1) : names;
      for (const name of on.choices()) expect(allowed).toContain(name);
    }
  });
});

it("policies that compute nothing beforehand have no table", () => {
  for (const name of ["roundrobin", "leastconn", "rendezvous", "modulo"]) {
    expect(HashTable.for(name, 5)).toBeNull();
  }
});
