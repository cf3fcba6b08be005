import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CheckPlan } from "../../config/check-plan.ts";
import type { ServerPlan } from "../../config/plan.ts";
import { ServerStatus } from "../server-status.ts";
import { Checker, type CheckerOptions } from "./checker.ts";
import type { ProbeResult, ProbeTarget } from "./probe.ts";

const check: CheckPlan = {
  probe: { kind: "tcp", steps: [] },
  intervalMs: 2000,
  fastIntervalMs: 500,
  downIntervalMs: 5000,
  timeoutMs: 1000,
  rise: 2,
  fall: 3,
  address: null,
  port: 0,
  sendProxy: 0,
  tls: null,
  initState: "fullyUp",
};
const address = { family: "ipv4", host: "127.0.0.1", port: 80 } as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A checker whose probes the test ends. */
class Scene {
  readonly server: ServerStatus;
  readonly checker: Checker;
  /** When each probe began. */
  readonly beganMs: number[] = [];
  readonly targets: ProbeTarget[] = [];
  readonly results: string[] = [];
  readonly troubles: string[] = [];
  ended = 0;
  /** What a probe finds at once; null: it waits for settle(). */
  finds: boolean | null = true;
  takesMs = 0;
  #settle: ((result: ProbeResult) => void) | null = null;
  readonly #startMs = performance.now();

  constructor(overrides: Partial<CheckPlan> = {}, options: Partial<CheckerOptions> = {}) {
    const plan = { ...check, ...overrides };
    const serverPlan = { name: "s1", address, weight: 1, disabled: false, check: plan };
    this.server = new ServerStatus("web", serverPlan as unknown as ServerPlan, 0, address);
    this.checker = new Checker({
      server: this.server,
      check: plan,
      probe: (target) => this.#probe(target),
      states: {
        setHealth: (server, healthy, result) => {
          server.healthy = healthy;
          this.results.push(result);
        },
      },
      position: 0.5,
      random: () => 0.5,
      onTrouble: (_, text) => this.troubles.push(text),
      ...options,
    });
  }

  #probe(target: ProbeTarget): { result: Promise<ProbeResult>; end: () => void } {
    if (this.#settle !== null) throw new Error("two probes at once");
    this.beganMs.push(performance.now() - this.#startMs);
    this.targets.push(target);
    const result = new Promise<ProbeResult>((resolve) => {
      this.#settle = resolve;
    });
    if (this.finds !== null) {
      const ok = this.finds;
      if (this.takesMs === 0) this.settle(ok);
      else setTimeout(() => this.settle(ok), this.takesMs);
    }
    return { result, end: () => this.ended++ };
  }

  settle(ok: boolean | null): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.({ ok, text: "found", durationMs: this.takesMs });
  }

  /** Between the starts of the last probes. */
  get gapsMs(): number[] {
    return this.beganMs.slice(1).map((ms, i) => ms - (this.beganMs[i] ?? 0));
  }
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("when it looks", () => {
  test("the first time after its part of the interval, then once an interval", async () => {
    const scene = new Scene();
    scene.checker.start();
    await pass(999);
    expect(scene.beganMs).toEqual([]);
    await pass(6001);
    expect(scene.beganMs).toEqual([1000, 3000, 5000, 7000]);
  });

  test("fast while it changes its mind, slowly while down", async () => {
    const scene = new Scene();
    scene.finds = false;
    scene.checker.start();
    await pass(1000 + 500 + 500 + 5000);
    expect(scene.gapsMs).toEqual([500, 500, 5000]);
    expect(scene.server.healthy).toBe(false);
    scene.finds = true;
    await pass(5000 + 500 + 2000);
    expect(scene.gapsMs.slice(3)).toEqual([5000, 500, 2000]);
    expect(scene.server.healthy).toBe(true);
  });

  test("fast until the first result of a server that is up for the time being", async () => {
    const scene = new Scene({ initState: "up" });
    scene.checker.start();
    await pass(250 + 2000);
    expect(scene.beganMs).toEqual([250, 2250]);
  });

  test("intervals count from start to start, however long a probe takes", async () => {
    const scene = new Scene();
    scene.takesMs = 700;
    scene.checker.start();
    await pass(7000);
    expect(scene.gapsMs).toEqual([2000, 2000, 2000]);
  });

  test("a probe that takes longer than its interval is followed at once, never overtaken", async () => {
    const scene = new Scene({ intervalMs: 300 });
    scene.takesMs = 900;
    scene.checker.start();
    await pass(150 + 3 * 901);
    expect(scene.gapsMs).toEqual([901, 901, 901]);
  });

  test.each([
    [0, 1900],
    [1, 2100],
  ])("intervals vary by five percent: random %d gives %i ms", async (random, gap) => {
    const scene = new Scene({}, { random: () => random });
    scene.checker.start();
    await pass(1000 + gap);
    expect(scene.gapsMs).toEqual([gap]);
  });
});

describe("whom it looks at", () => {
  test("the server's address of that moment", async () => {
    const scene = new Scene({ port: 81 });
    scene.checker.start();
    await pass(1000);
    scene.server.address = { ...address, host: "127.0.0.2" };
    await pass(2000);
    expect(scene.targets.map((target) => target.address)).toEqual([
      { ...address, port: 81 },
      { ...address, host: "127.0.0.2", port: 81 },
    ]);
  });

  test("nobody while there is no address, and what was found before is forgotten", async () => {
    const scene = new Scene();
    scene.finds = false;
    scene.checker.start();
    await pass(2000);
    expect(scene.server.healthy).toBe(false);
    scene.server.address = null;
    await pass(20_000);
    expect(scene.beganMs).toHaveLength(3);
    expect(scene.server.healthy).toBe(true);
    scene.server.address = address;
    scene.finds = true;
    await pass(2000);
    expect(scene.beganMs).toHaveLength(4);
  });
});

describe("what it makes of results", () => {
  test("it counts them and says what was found, how fast, and how often", async () => {
    const scene = new Scene();
    scene.checker.start();
    scene.takesMs = 7;
    await pass(1010);
    scene.finds = false;
    await pass(2510);
    expect(scene.results).toEqual([
      "not checked yet",
      "tcp check: found in 7 ms",
      "tcp check: found in 7 ms (1 of 3 failed)",
      "tcp check: found in 7 ms (2 of 3 failed)",
    ]);
    expect([scene.server.checks, scene.server.checkFailures]).toEqual([3, 2]);
  });

  test("trouble of our own says nothing about the server", async () => {
    const scene = new Scene({ initState: "up" });
    scene.finds = null;
    scene.checker.start();
    await pass(250);
    scene.settle(null);
    await pass(500);
    expect(scene.troubles).toEqual(["found"]);
    expect(scene.server).toMatchObject({ healthy: true, checks: 0, checkFailures: 0 });
    expect(scene.beganMs).toHaveLength(2);
  });
});

describe("when it rests", () => {
  test("it ends the probe under way, ignores its result, and looks no more", async () => {
    const scene = new Scene({ initState: "up" });
    scene.finds = null;
    scene.checker.start();
    await pass(250);
    scene.checker.rest();
    expect(scene.ended).toBe(1);
    scene.settle(false);
    await pass(60_000);
    expect(scene.server).toMatchObject({ healthy: true, checks: 0 });
    expect(scene.beganMs).toHaveLength(1);
  });

  test("and starts again while that probe is still ending, it waits for its end", async () => {
    const scene = new Scene({ initState: "up" });
    scene.finds = null;
    scene.checker.start();
    await pass(250);
    scene.checker.rest();
    scene.checker.start();
    await pass(10_000);
    expect(scene.beganMs).toHaveLength(1);
    scene.settle(false);
    scene.finds = true;
    await pass(500);
    expect(scene.beganMs).toHaveLength(2);
    expect(scene.server).toMatchObject({ healthy: true, checks: 1, checkFailures: 0 });
  });

  test("closing waits for the probe's end and leaves what was found", async () => {
    const scene = new Scene();
    scene.finds = false;
    scene.checker.start();
    await pass(2000);
    expect(scene.server.healthy).toBe(false);
    scene.finds = null;
    await pass(5000);
    const closed = vi.fn<() => void>();
    const closing = scene.checker.close().then(closed);
    await pass(1000);
    expect(scene.ended).toBe(1);
    expect(closed).not.toHaveBeenCalled();
    scene.settle(true);
    await closing;
    expect(scene.server.healthy).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
