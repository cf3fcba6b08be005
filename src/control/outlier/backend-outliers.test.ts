// One backend's outlier detection on a scoreboard and a clock in the test's hand: who is ejected,
// for how long, and who is not. Real servers that fail are in test/outlier.
import { expect, test } from "vitest";
import type { OutlierPlan } from "../../config/plan.ts";
import { serverField } from "../../scoreboard/fields.ts";
import { ServerState } from "../../scoreboard/server-state.ts";
import { createScoreboard, openScoreboard } from "../../scoreboard/scoreboard.ts";
import { plainServer } from "../../../test/support/plain-plan.ts";
import { openLog } from "../log.ts";
import { ServerStatus } from "../server-status.ts";
import type { WatchContext } from "../watchers.ts";
import { BackendOutliers } from "./backend-outliers.ts";

const plan: OutlierPlan = {
  consecutiveErrors: 5,
  errorRate: 30,
  latencyFactor: 3,
  minSessions: 10,
  intervalMs: 10_000,
  ejectForMs: 30_000,
  ejectForMaxMs: 80_000,
  maxEjectedPercent: 50,
};

/** A backend of `count` servers that are up. */
class Scene {
  readonly members: readonly ServerStatus[];
  readonly outliers: BackendOutliers;
  nowMs: number;
  /** `s1 ejected: why`, `s1 up: why`, in order. */
  readonly events: string[];
  readonly #workers;
  readonly #board;

  constructor(count: number, changes: Partial<OutlierPlan> = {}) {
    const capacity = { workers: 2, servers: count, backends: 1, frontends: 1 };
    const memory = createScoreboard(capacity);
    this.#board = openScoreboard(memory, null);
    this.#workers = [openScoreboard(memory, 0), openScoreboard(memory, 1)] as const;
    this.members = Array.from({ length: count }, (_, row) => {
      const own = { ...plainServer, name: `s${row + 1}` };
      return new ServerStatus("back", own, row, { family: "ipv4", host: "127.0.0.1", port: 80 });
    });
    this.nowMs = 1000;
    this.events = [];
    const states = {
      setEjected: (server: ServerStatus, ejected: boolean, reason: string): void => {
        server.ejected = ejected;
        server.state = server.due;
        this.events.push(`${server.name} ${ejected ? "ejected" : "up"}: ${reason}`);
      },
      server: (key: string) => this.members.find((member) => member.key === key),
    } as unknown as WatchContext["states"];
    const log = openLog("error");
    log.level = "silent";
    const context = { states, board: this.#board, log };
    this.outliers = new BackendOutliers({ ...plan, ...changes }, context, this.nowMs);
    this.outliers.replan({ ...plan, ...changes }, this.members, this.nowMs);
  }

  member(number: number): ServerStatus {
    return this.members[number - 1] as ServerStatus;
  }

  /** What the workers write when failures in a row have reached the limit. */
  trip(number: number): void {
    const [worker] = this.#workers;
    worker.servers.fetchAdd(number - 1, serverField.errors, 5);
    worker.servers.fetchAdd(number - 1, serverField.trips, 1);
    this.outliers.look(this.nowMs);
  }

  /** Sessions through both workers. */
  count(number: number, established: number, failed: number, meanMs = 1): void {
    for (const { servers } of this.#workers) {
      servers.count(number - 1, serverField.sessions, established / 2);
      servers.count(number - 1, serverField.connectFailures, failed / 2);
      servers.count(number - 1, serverField.connectMs, (established / 2) * meanMs);
    }
  }

  /** Looks as often as it does in reality. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(this.nowMs + 100, untilMs);
      this.outliers.look(this.nowMs);
    }
  }

  ejected(): string[] {
    return this.members.filter(({ ejected }) => ejected).map(({ name }) => name);
  }

  errors(number: number): number {
    return this.#board.servers.load(number - 1, serverField.errors);
  }
}

test("failures in a row eject for a time, then all is forgotten", () => {
  const scene = new Scene(3);
  scene.trip(1);
  expect(scene.events).toEqual(["s1 ejected: 5 failures in a row"]);
  expect(scene.member(1).state).toBe(ServerState.ejected);
  scene.pass(29_900);
  expect(scene.ejected()).toEqual(["s1"]);
  scene.pass(100);
  expect(scene.events.at(-1)).toBe("s1 up: its ejection is over");
  expect(scene.errors(1)).toBe(0);
});

test("each ejection lasts longer than the one before, up to a maximum", () => {
  const scene = new Scene(3);
  const lasted: number[] = [];
  for (let i = 0; i < 5; i++) {
    scene.trip(1);
    const fromMs = scene.nowMs;
    while (scene.ejected().length > 0) scene.pass(100);
    lasted.push(scene.nowMs - fromMs);
  }
  expect(lasted).toEqual([30_000, 60_000, 80_000, 80_000, 80_000]);
});

test("each quiet interval makes the next ejection shorter again", () => {
  const scene = new Scene(3);
  for (let i = 0; i < 3; i++) {
    scene.trip(1);
    while (scene.ejected().length > 0) scene.pass(100);
  }
  // The interval in which it came back does not count; three after it do.
  scene.pass(40_000);
  scene.trip(1);
  scene.pass(29_900);
  expect(scene.ejected()).toEqual(["s1"]);
  scene.pass(100);
  expect(scene.ejected()).toEqual([]);
});

test("no more than maxEjectedPercent are out; one may always be", () => {
  const half = new Scene(4);
  for (const number of [1, 2, 3]) half.trip(number);
  expect(half.ejected()).toEqual(["s1", "s2"]);
  const none = new Scene(4, { maxEjectedPercent: 0 });
  for (const number of [1, 2]) none.trip(number);
  expect(none.ejected()).toEqual(["s1"]);
  const all = new Scene(4, { maxEjectedPercent: 100 });
  for (const number of [1, 2, 3, 4]) all.trip(number);
  expect(all.ejected()).toEqual(["s1", "s2", "s3"]);
});

test("who may not be ejected now may be at a later trip", () => {
  const scene = new Scene(4);
  for (const number of [1, 2, 3]) scene.trip(number);
  scene.pass(30_000);
  expect(scene.ejected()).toEqual([]);
  scene.trip(3);
  expect(scene.ejected()).toEqual(["s3"]);
});

test("the last usable server stays, whoever took the others out", () => {
  const scene = new Scene(2);
  scene.member(2).admin = "maint";
  scene.member(2).state = scene.member(2).due;
  scene.trip(1);
  expect(scene.ejected()).toEqual([]);
  const zero = new Scene(2);
  zero.member(2).weight = 0;
  zero.trip(1);
  expect(zero.ejected()).toEqual([]);
});

test("when all others go down, the one whose time is over first comes back early", () => {
  const scene = new Scene(4);
  scene.trip(2);
  scene.pass(1000);
  scene.trip(1);
  for (const number of [3, 4]) {
    scene.member(number).healthy = false;
    scene.member(number).state = scene.member(number).due;
  }
  scene.pass(100);
  expect(scene.events.at(-1)).toBe("s2 up: no other server of its backend is usable");
  scene.pass(5000);
  expect(scene.ejected()).toEqual(["s1"]);
});

test("servers that checks or operators took out are not ejected, nor for it when they are back", () => {
  const scene = new Scene(3);
  const server = scene.member(1);
  server.healthy = false;
  server.state = server.due;
  scene.trip(1);
  server.healthy = true;
  server.state = server.due;
  scene.pass(1000);
  expect(scene.events).toEqual([]);
});

test("an operator's `ready` ends it, and what was counted before", () => {
  const scene = new Scene(3);
  scene.trip(1);
  // As ServerStates.setAdmin() does.
  scene.member(1).ejected = false;
  scene.member(1).state = scene.member(1).due;
  scene.pass(100);
  expect(scene.errors(1)).toBe(0);
  scene.pass(60_000);
  expect(scene.events).toEqual(["s1 ejected: 5 failures in a row"]);
  scene.trip(1);
  expect(scene.ejected()).toEqual(["s1"]);
});

test("at another address it is another server: it comes back at once", () => {
  const scene = new Scene(3);
  scene.trip(1);
  scene.member(1).address = { family: "ipv4", host: "127.0.0.2", port: 80 };
  scene.pass(100);
  expect(scene.events.at(-1)).toBe("s1 up: it has another address now");
});

test("the rate of an interval ejects, the worst first", () => {
  const scene = new Scene(4, { maxEjectedPercent: 25 });
  scene.count(1, 60, 40);
  scene.count(2, 20, 80);
  scene.count(3, 100, 0);
  scene.pass(10_000);
  expect(scene.events).toEqual(["s2 ejected: 80 % of 100 sessions failed in 10 s"]);
});

test("failures of an interval that is over say nothing in the next", () => {
  const scene = new Scene(3);
  scene.count(1, 100, 20);
  scene.pass(10_000);
  scene.count(1, 100, 20);
  scene.pass(10_000);
  scene.count(1, 20, 20);
  scene.pass(9900);
  expect(scene.events).toEqual([]);
  scene.pass(100);
  expect(scene.events).toEqual(["s1 ejected: 50 % of 40 sessions failed in 10 s"]);
});

test("slow connects eject; after that a quick interval does not", () => {
  const scene = new Scene(3);
  scene.count(1, 20, 0, 12);
  scene.count(2, 20, 0, 1);
  scene.count(3, 20, 0, 1.2);
  scene.pass(10_000);
  expect(scene.events).toEqual(["s1 ejected: connects take 12.0 ms, its peers' median is 1.1 ms"]);
  // Sessions that were established while it was out are not held against it.
  scene.count(1, 20, 0, 12);
  scene.pass(30_000);
  for (const number of [1, 2, 3]) scene.count(number, 20, 0, 1);
  scene.pass(10_000);
  expect(scene.ejected()).toEqual([]);
});

test("a new plan keeps ejections; switched off, it ends them", () => {
  const scene = new Scene(3);
  scene.trip(1);
  scene.outliers.replan({ ...plan, consecutiveErrors: 9 }, scene.members, scene.nowMs);
  scene.pass(29_900);
  expect(scene.ejected()).toEqual(["s1"]);
  scene.outliers.close();
  expect(scene.events.at(-1)).toBe("s1 up: outlier detection is off");
});

test("a reload does not begin an interval anew", () => {
  const scene = new Scene(3);
  scene.count(1, 20, 20);
  for (let i = 0; i < 10; i++) {
    scene.pass(1000);
    scene.outliers.replan(plan, scene.members, scene.nowMs);
  }
  expect(scene.ejected()).toEqual(["s1"]);
});
