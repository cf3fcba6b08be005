// What operators, checks and plans make of a server together, as workers see it on the scoreboard.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usableServers } from "../balance/usable.ts";
import type { BackendPlan, Plan, ServerPlan } from "../config/plan.ts";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { weightUnit } from "../scoreboard/layout.ts";
import { ServerState } from "../scoreboard/server-state.ts";
import { plainBackend, plainGlobal, plainServer } from "../../test/support/plain-plan.ts";
import { openLog } from "./log.ts";
import { Rows } from "./rows.ts";
import { ServerStates, type Transition } from "./server-states.ts";
import type { ServerStatus } from "./server-status.ts";

/** One backend `web` with these servers, each as far as it differs from a plain one. */
function planOf(
  servers: Record<string, Partial<ServerPlan>>,
  web: Partial<BackendPlan> = {},
): Plan {
  const members = Object.entries(servers).map(([name, parts]): ServerPlan =>
    Object.assign({ name }, plainServer, parts),
  );
  return {
    source: "test.yaml",
    global: plainGlobal,
    frontends: [],
    backends: [{ ...plainBackend, ...web, name: "web", servers: members }],
  };
}

interface Scene {
  readonly states: ServerStates;
  readonly transitions: Transition[];
  readonly apply: (plan: Plan) => void;
  readonly of: (name: string) => ServerStatus;
  /** Names of the servers that workers would use now. */
  readonly usable: () => string[];
  readonly weight: (name: string) => number;
}

function scene(plan: Plan): Scene {
  const log = openLog("error");
  log.level = "silent";
  const rows = new Rows(plan, 1);
  const states = new ServerStates(rows.board, log, () => {});
  const transitions: Transition[] = [];
  states.onTransition((transition) => transitions.push(transition));
  const apply = (next: Plan): void => {
    const resolution = new Map(
      next.backends.flatMap(({ name, servers }) =>
        servers.map((each) => [`${name}/${each.name}`, each.address] as const),
      ),
    );
    states.apply(next, rows, resolution as never);
  };
  apply(plan);
  const of = (name: string): ServerStatus => states.server(`web/${name}`) as ServerStatus;
  return {
    states,
    transitions,
    apply,
    of,
    usable: () => {
      const web = states.backends.get("web");
      if (web === undefined) return [];
      const { allBackups, panicThreshold } = web.plan;
      const servers = web.members.map(({ row, plan: { backup } }) => ({ row, backup }));
      const places = usableServers({ servers, allBackups, panicThreshold }, rows.board);
      return Array.from(places, (place) => web.members[place]?.name ?? "");
    },
    weight: (name) => rows.board.servers.load(of(name).row, serverField.weight),
  };
}

describe("a server", () => {
  it("is up unless somebody objects, and an operator's word counts more than health", () => {
    const { states, of } = scene(planOf({ a: {}, off: { disabled: true } }));
    const a = of("a");
    expect(a.state).toBe(ServerState.up);
    expect(of("off").state).toBe(ServerState.maint);
    states.setHealth(a, false, "refused");
    expect(a.state).toBe(ServerState.down);
    states.setEjected(a, true, "5 failures in a row");
    states.setAdmin(a, "drain");
    expect(a.state).toBe(ServerState.down);
    states.setHealth(a, true, "connected");
    expect(a.state).toBe(ServerState.ejected);
    states.setEjected(a, false, "time is over");
    expect(a.state).toBe(ServerState.drain);
    states.setAdmin(a, "maint");
    states.setHealth(a, false, "refused");
    expect(a.state).toBe(ServerState.maint);
    states.setAdmin(a, "ready");
    expect(a.state).toBe(ServerState.down);
    states.setHealth(a, true, "connected");
    states.setAddress(a, null, "example.com does not resolve");
    expect(a.state).toBe(ServerState.down);
  });

  it("tells each change once, with its reason", () => {
    const { states, of, transitions } = scene(planOf({ a: {}, b: {} }));
    states.setHealth(of("a"), false, "refused");
    states.setHealth(of("a"), false, "refused again");
    states.setHealth(of("a"), true, "connected");
    expect(transitions.map(({ server: { name }, to, reason }) => [name, to, reason])).toEqual([
      ["a", ServerState.down, "refused"],
      ["a", ServerState.up, "connected"],
    ]);
    expect(of("a")).toMatchObject({ downs: 1, checkResult: "connected" });
  });

  it("keeps over a reload what was set at run time, until the file says another thing", () => {
    const on = scene(planOf({ a: { weight: 5 }, b: {} }));
    on.states.setWeight(on.of("a"), 9);
    on.states.setAdmin(on.of("b"), "drain");
    on.apply(planOf({ b: {}, a: { weight: 5 } }));
    expect(on.weight("a")).toBe(9 * weightUnit);
    expect(on.of("b").state).toBe(ServerState.drain);
    on.apply(planOf({ a: { weight: 6 }, b: { disabled: true } }));
    expect(on.weight("a")).toBe(6 * weightUnit);
    expect(on.of("b").state).toBe(ServerState.maint);
    on.apply(planOf({ a: { weight: 6 }, b: {} }));
    expect(on.of("b").state).toBe(ServerState.up);
  });
});

describe("a backend", () => {
  it("uses servers that are up and weigh something", () => {
    const { states, of, usable } = scene(planOf({ a: {}, b: {}, c: { weight: 0 }, d: {} }));
    states.setAdmin(of("b"), "drain");
    states.setHealth(of("d"), false, "refused");
    states.flush();
    expect(usable()).toEqual(["a"]);
    states.setWeight(of("c"), 1);
    states.setWeight(of("a"), 0);
    states.flush();
    expect(usable()).toEqual(["c"]);
  });

  it("uses its first usable backup when nobody else is left, or all of them", () => {
    const servers = { a: {}, b: { backup: true }, c: { backup: true }, d: { backup: true } };
    for (const [allBackups, expected] of [
      [false, ["c"]],
      [true, ["c", "d"]],
    ] as const) {
      const { states, of, usable } = scene(planOf(servers, { allBackups }));
      expect(usable()).toEqual(["a"]);
      states.setHealth(of("a"), false, "refused");
      states.setHealth(of("b"), false, "refused");
      states.flush();
      expect(usable()).toEqual(expected);
    }
  });

  it("ignores health below its panic threshold, but never an operator", () => {
    const names = ["a", "b", "c", "d", "e"];
    const servers = Object.fromEntries(names.map((name) => [name, {}]));
    const { states, of, usable } = scene(planOf(servers, { panicThreshold: 50 }));
    states.setAdmin(of("e"), "maint");
    states.setHealth(of("a"), false, "refused");
    states.setHealth(of("b"), false, "refused");
    states.flush();
    expect(usable()).toEqual(["c", "d"]);
    states.setHealth(of("c"), false, "refused");
    states.flush();
    expect(usable()).toEqual(["a", "b", "c", "d"]);
    states.setHealth(of("b"), true, "connected");
    states.flush();
    expect(usable()).toEqual(["b", "d"]);
  });

  it("moves its version once for changes that come together, after all of them", async () => {
    const { states, of } = scene(planOf({ a: {}, b: {} }));
    const { backends } = states.board;
    const version = (): number => backends.load(0, backendField.version);
    const before = version();
    states.setHealth(of("a"), false, "refused");
    states.setHealth(of("b"), false, "refused");
    expect(version()).toBe(before);
    await new Promise((resolve) => setImmediate(resolve));
    expect(version()).toBe(before + 1);
    expect(backends.load(0, backendField.available)).toBe(0);
  });
});

describe("a recovery", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());
  const failover = ["eu"];

  /** A backend that has had no usable server and has one again, with a delay of a minute. */
  function recovering(): Scene & { readonly available: () => boolean } {
    const on = scene(planOf({ a: {} }, { failover, recoveryDelayMs: 60_000 }));
    on.states.setHealth(on.of("a"), false, "refused");
    on.states.flush();
    on.states.setHealth(on.of("a"), true, "connected");
    on.states.flush();
    const { backends } = on.states.board;
    return { ...on, available: () => backends.load(0, backendField.available) === 1 };
  }

  it("lasts as long as a reload says, counted from when it began", () => {
    const { apply, available, states } = recovering();
    vi.advanceTimersByTime(4000);
    apply(planOf({ a: {} }, { failover, recoveryDelayMs: 10_000 }));
    vi.advanceTimersByTime(5999);
    expect(available()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(available()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    states.close();
  });

  it("is longer when a reload says so, and the same when it says nothing", () => {
    const { apply, available, states } = recovering();
    vi.advanceTimersByTime(50_000);
    apply(planOf({ a: {}, b: {} }, { failover, recoveryDelayMs: 60_000 }));
    apply(planOf({ a: {}, b: {} }, { failover, recoveryDelayMs: 90_000 }));
    vi.advanceTimersByTime(39_999);
    expect(available()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(available()).toBe(true);
    states.close();
  });

  it.each([
    ["its delay has passed by a reload's word", { failover, recoveryDelayMs: 3000 }],
    ["a reload takes its delay away", { failover, recoveryDelayMs: 0 }],
    ["a reload takes its failover away", { failover: [], recoveryDelayMs: 60_000 }],
  ])("is over when %s", (_, web) => {
    const { apply, available, states } = recovering();
    vi.advanceTimersByTime(4000);
    apply(planOf({ a: {} }, web));
    vi.advanceTimersByTime(1);
    expect(available()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    states.close();
  });
});

describe("a slow start", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());
  const slowstart = { windowMs: 10_000, aggression: 1, minPercent: 10 };

  it("ramps the weight of a server that comes back, and ends at its whole", () => {
    const { states, of, weight } = scene(planOf({ a: { weight: 4, slowstart }, b: {} }));
    expect(weight("a")).toBe(4 * weightUnit);
    states.setHealth(of("a"), false, "refused");
    states.setHealth(of("a"), true, "connected");
    states.flush();
    const seen = [weight("a")];
    for (let s = 0; s < 11; s++) {
      vi.advanceTimersByTime(1000);
      seen.push(weight("a"));
    }
    expect(seen).toEqual([40, 40, 80, 120, 160, 200, 240, 280, 320, 360, 400, 400]);
    expect(vi.getTimerCount()).toBe(0);
    states.close();
  });

  it("begins steeper with more aggression", () => {
    const steep = { ...slowstart, aggression: 2 };
    const { states, of, weight } = scene(planOf({ a: { slowstart: steep }, b: {} }));
    states.setHealth(of("a"), false, "refused");
    states.setHealth(of("a"), true, "connected");
    vi.advanceTimersByTime(2500);
    expect(weight("a")).toBe(50);
    states.close();
  });

  it("is for those who join a pool that works: not at boot, not for the only one", () => {
    const on = scene(planOf({ a: { slowstart } }));
    on.states.setHealth(on.of("a"), false, "refused");
    on.states.setHealth(on.of("a"), true, "connected");
    on.states.flush();
    expect(on.weight("a")).toBe(weightUnit);
    on.apply(planOf({ a: { slowstart }, joins: { slowstart } }));
    expect(on.weight("joins")).toBe(weightUnit / 10);
    on.states.close();
  });
});
