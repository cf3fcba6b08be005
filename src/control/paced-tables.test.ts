// A large hash table follows a server that flaps at its own pace; states and versions do not wait.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { parseConfig } from "../config/load.ts";
import type { Plan } from "../config/plan.ts";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { ServerState } from "../scoreboard/server-state.ts";
import { openLog } from "./log.ts";
import { Rows } from "./rows.ts";
import { ServerStates } from "./server-states.ts";
import type { ServerStatus } from "./server-status.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const pointsPerServer = 160;

function planOf(names: readonly string[]): Plan {
  const servers = Object.fromEntries(names.map((name) => [name, "127.0.0.1:80"]));
  const balance = { hash: "source", method: "ring" };
  const text = JSON.stringify({
    frontends: { edge: { mode: "tcp", bind: "127.0.0.1:0", backend: "web" } },
    backends: { web: { balance, servers } },
  });
  const { plan, problems } = parseConfig(text, "test", {});
  if (plan === null) throw new Error(JSON.stringify(problems));
  return plan;
}

interface Scene {
  readonly states: ServerStates;
  readonly set: (healthy: boolean) => void;
  readonly state: () => ServerState;
  readonly version: () => number;
  /** Which half is in force: it changes with every table. */
  readonly half: () => number;
  /** Servers that the table in force knows. */
  readonly inTable: () => number;
  readonly apply: (names: readonly string[]) => void;
}

/** A ring of three servers, of which `a` flaps; `tableMs` is what a table seems to take. */
function scene(tableMs: number): Scene {
  const log = openLog("error");
  log.level = "silent";
  let plan = planOf(["a", "b", "c"]);
  const rows = new Rows(plan, 1);
  // It is looked at before and after each table, and once for a table that has to wait.
  let looks = 0;
  const clock = (): number => performance.now() + tableMs * looks++;
  const states = new ServerStates(rows.board, log, () => {}, clock);
  const { servers, backends } = rows.board;
  const apply = (names: readonly string[]): void => {
    plan = planOf(names);
    const address = { family: "ipv4", host: "127.0.0.1", port: 80 } as const;
    states.apply(plan, rows, new Map(names.map((name) => [`web/${name}`, address])));
  };
  apply(["a", "b", "c"]);
  const a = (): ServerStatus => states.server("web/a") as ServerStatus;
  const half = (): number => backends.load(0, backendField.tableSlot);
  return {
    states,
    set(healthy) {
      states.setHealth(a(), healthy, "it flaps");
      states.flush();
    },
    state: () => servers.load(a().row, serverField.state) as ServerState,
    version: () => backends.load(0, backendField.version),
    half,
    inTable() {
      const table = states.backends.get("web")?.table;
      const cells = new Int32Array(table?.buffer ?? new SharedArrayBuffer(8));
      return (cells[(half() * cells.length) / 2] as number) / pointsPerServer;
    },
    apply,
  };
}

it("a state is in force at once, the large table later, with the last state", () => {
  const { states, set, state, version, half, inTable } = scene(50);
  let halves = 0;
  for (let i = 0; i < 41; i++) {
    const before = [version(), half()] as const;
    set(i % 2 === 1);
    expect(state()).toBe(i % 2 === 1 ? ServerState.up : ServerState.down);
    expect(version()).toBe(before[0] + 1);
    if (half() !== before[1]) halves++;
  }
  expect(halves).toBeLessThanOrEqual(5);
  const before = version();
  vi.advanceTimersByTime(2000);
  expect(inTable()).toBe(2);
  // Workers are told of the table too.
  expect(version()).toBeGreaterThan(before);
  expect(vi.getTimerCount()).toBe(0);
  states.close();
});

it("a small table is in force at once", () => {
  const { states, set, inTable } = scene(0);
  for (let i = 0; i < 41; i++) {
    set(i % 2 === 1);
    expect(inTable()).toBe(i % 2 === 1 ? 3 : 2);
  }
  expect(vi.getTimerCount()).toBe(0);
  states.close();
});

it("a reload with other servers waits for no pause", () => {
  const { states, set, inTable, apply } = scene(50);
  set(false);
  apply(["a", "b", "c", "d", "e"]);
  expect(inTable()).toBe(5);
  states.close();
});

it("stopping leaves no timer of a table that waits", () => {
  const { states, set } = scene(50);
  for (let i = 0; i < 5; i++) set(i % 2 === 1);
  expect(vi.getTimerCount()).toBe(1);
  states.close();
  expect(vi.getTimerCount()).toBe(0);
});
