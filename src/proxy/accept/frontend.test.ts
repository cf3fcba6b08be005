// Two binds of one frontend at maxconn, step by step: the moments between taking a place, finding
// none and looking once more, in which another worker acts. Real sockets hit them once in a while.
import { BroadcastChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../balance/random.ts";
import type { SocketAddress } from "../../config/address.ts";
import { scratchBytes } from "../../reactor/record-memory.ts";
import type { Listener, ListenHandler, Reactor, Timer } from "../../reactor/reactor.ts";
import { frontendField } from "../../scoreboard/fields.ts";
import {
  createScoreboard,
  openScoreboard,
  type WorkerScoreboard,
} from "../../scoreboard/scoreboard.ts";
import { plainBackend, plainFrontend, plainGlobal } from "../../../test/support/plain-plan.ts";
import type { Assignment } from "../assignment.ts";
import { DataPlane } from "../data-plane.ts";

const row = 0;

/** A bind's listener: it asks for admission when the test says so. */
class ScriptedListener implements Listener {
  readonly address: SocketAddress;
  /** As a real one's: refused, it accepts no more until it is resumed. */
  watching: boolean;
  readonly #handler: ListenHandler;

  constructor(address: SocketAddress, handler: ListenHandler) {
    this.address = address;
    this.watching = true;
    this.#handler = handler;
  }

  /** A client comes; whether it is accepted. */
  arrive(): boolean {
    this.watching = this.#handler.admit(this);
    return this.watching;
  }

  /** Its session is over. */
  leave(): void {
    this.#handler.unadmit(this);
  }

  resume(): void {
    this.watching = true;
  }

  close(): void {}
}

function nothing(): void {}

const timer: Timer = { armed: false, dueMs: Infinity, arm() {}, cancel() {} };

interface Scene {
  readonly plane: DataPlane;
  readonly board: WorkerScoreboard;
  /** Another worker. */
  readonly other: WorkerScoreboard;
  readonly one: ScriptedListener;
  readonly two: ScriptedListener;
}

/** Worker 0 of two, which do not know of each other yet; a frontend with two binds. */
function start(maxconn: number): Scene {
  const memory = createScoreboard({ workers: 2, servers: 1, backends: 1, frontends: 1 });
  const board = openScoreboard(memory, 0);
  const listeners: ScriptedListener[] = [];
  const listen = (address: SocketAddress, _: unknown, handler: ListenHandler): Listener => {
    const listener = new ScriptedListener(address, handler);
    listeners.push(listener);
    return listener;
  };
  const scratch = new Uint8Array(scratchBytes);
  const parts = { nowMs: 0, timer: () => timer, listen, scratch, scratchStart: 0 };
  const reactor = parts as unknown as Reactor;
  const plane = new DataPlane({
    reactor,
    board,
    random: seededRandom(1),
    report: nothing,
    ship: nothing,
    onDrained: nothing,
  });
  plane.apply(assignment(maxconn), nothing);
  const [one, two] = listeners as [ScriptedListener, ScriptedListener];
  return { plane, board, other: openScoreboard(memory, 1), one, two };
}

function assignment(maxconn: number): Assignment {
  const binds = [8001, 8002].map((port, i) => ({
    plan: {
      address: { family: "ipv4", host: "127.0.0.1", port },
      acceptProxy: false,
      tls: null,
    } as const,
    descriptor: 10 + i,
    secrets: null,
  }));
  return {
    version: 1,
    ticketKeys: [],
    sessionsMax: 1000,
    global: { ...plainGlobal, workers: 2 },
    frontends: [
      {
        plan: {
          ...plainFrontend,
          name: "front",
          binds: binds.map(({ plan }) => plan),
          maxconn,
          backend: "back",
        },
        row,
        binds,
      },
    ],
    backends: [
      {
        plan: { ...plainBackend, name: "back", servers: [] },
        row: 0,
        table: null,
        stick: null,
        servers: [],
      },
    ],
  };
}

/** Another worker's session ends just when this worker has found no place, before it looks again. */
function leaveMeanwhile({ board, other }: Scene): void {
  const { frontends } = board;
  const add = frontends.gaugeAdd.bind(frontends);
  frontends.gaugeAdd = (at, field, delta) => {
    const total = add(at, field, delta);
    if (field === frontendField.active && delta < 0) {
      frontends.gaugeAdd = add;
      other.frontends.gaugeAdd(row, frontendField.active, -1);
    }
    return total;
  };
}

describe("two binds at maxconn", () => {
  it("both go on when one of them meets a place that another worker has just left", () => {
    const scene = start(1);
    const { plane, other, one, two } = scene;
    other.frontends.gaugeAdd(row, frontendField.active, 1);
    expect(one.arrive()).toBe(false);
    leaveMeanwhile(scene);
    expect(two.arrive()).toBe(true);
    // The other worker wakes this one, because it has seen it wait.
    plane.onWake();
    two.leave();
    expect([one.watching, two.watching]).toEqual([true, true]);
    expect(one.arrive()).toBe(true);
    expect(other.frontends.gauge(row, frontendField.active)).toBe(1);
    expect(other.frontends.gauge(row, frontendField.waiting)).toBe(0);
  });

  it("wake each other in a worker that has not been introduced to any yet", () => {
    const { other, one, two } = start(1);
    expect(one.arrive()).toBe(true);
    expect(two.arrive()).toBe(false);
    expect(other.frontends.gauge(row, frontendField.waiting)).toBe(1);
    one.leave();
    expect(two.watching).toBe(true);
    expect(two.arrive()).toBe(true);
    expect(one.arrive()).toBe(false);
    expect(other.frontends.gauge(row, frontendField.active)).toBe(1);
  });

  it("in a worker that meets the others lets these look, because it could tell them of nothing", async () => {
    const { plane } = start(1);
    const names = [0, 1, 2].map((worker) => `worker ${worker} of this test`);
    const channels = names.map((name) => new BroadcastChannel(name));
    const woken: string[] = [];
    const others = new Promise<void>((resolve) => {
      for (const channel of channels) {
        channel.addEventListener("message", () => {
          if (woken.push(channel.name) === 2) resolve();
        });
      }
    });
    plane.meet(names.map((name) => ({ kind: "channel", name })));
    await others;
    for (const channel of channels) channel.close();
    expect(woken.toSorted()).toEqual(names.slice(1));
  });

  it("go on in all workers at the next wake-up, whichever of them left", () => {
    const { plane, other, one, two } = start(2);
    other.frontends.gaugeAdd(row, frontendField.active, 2);
    expect(one.arrive()).toBe(false);
    expect(two.arrive()).toBe(false);
    plane.onWake();
    expect([one.watching, two.watching]).toEqual([false, false]);
    other.frontends.gaugeAdd(row, frontendField.active, -1);
    plane.onWake();
    expect([one.watching, two.watching]).toEqual([true, true]);
    expect(one.arrive()).toBe(true);
    expect(two.arrive()).toBe(false);
  });
});
