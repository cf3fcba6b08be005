// A reload meets thousands that wait for a place: they keep their order, and what it costs grows with
// their number and not with its square. Counted are looks at waiting sessions, and picks. Reloads of
// a running Ballast are in test/lifecycle.
import { describe, expect, test } from "vitest";
import { plainBackend, plainServer } from "../../../test/support/plain-plan.ts";
import { seededRandom } from "../../balance/random.ts";
import type { BackendPlan } from "../../config/plan.ts";
import { backendField, serverField } from "../../scoreboard/fields.ts";
import { weightUnit } from "../../scoreboard/layout.ts";
import {
  createScoreboard,
  openScoreboard,
  type WorkerScoreboard,
} from "../../scoreboard/scoreboard.ts";
import { ServerState } from "../../scoreboard/server-state.ts";
import type { DataPlane } from "../data-plane.ts";
import { replanSessions } from "../session/replan-sessions.ts";
import type { Session } from "../session/session.ts";
import { Backend } from "./backend.ts";
import { placeAndConnect } from "./connecting.ts";
import { Began } from "./dispatch-state.ts";
import { Dispatch, type Dispatched } from "./dispatch.ts";
import { Queues } from "./queues.ts";
import { replan } from "./replanning.ts";
import type { Reactor } from "../../reactor/reactor.ts";
import { TlsPlane } from "../tls/tls-plane.ts";
import type { Waiting } from "./wait-queue.ts";

const count = 2000;
const serversPerBackend = 2;
/** Of one session, whatever their number. */
const looksEach = 40;

function nothing(): void {}

const noTls = new TlsPlane({} as Reactor, {} as WorkerScoreboard);

/** One worker with two backends of two servers each, all of which are full; `count` wait. */
class Scene {
  readonly board: WorkerScoreboard;
  readonly waiting: Dispatch[];
  /** When those began who were connected, in that order. */
  readonly connected: number[];
  looks: number;
  picks: number;
  readonly #plane: DataPlane;

  constructor(plan: Partial<BackendPlan>) {
    const memory = createScoreboard({ workers: 1, servers: 4, backends: 2, frontends: 1 });
    this.board = openScoreboard(memory, 0);
    this.waiting = [];
    this.connected = [];
    this.looks = 0;
    this.picks = 0;
    const { board } = this;
    const reactor = { nowMs: 0 };
    const plane = { board, peers: [], reactor, clockOffsetMs: 1, clockMs: 1 };
    const queues = new Queues(plane);
    this.#plane = Object.assign(plane, { queues }) as unknown as DataPlane;
    for (let row = 0; row < 2 * serversPerBackend; row++) {
      board.servers.store(row, serverField.state, ServerState.up);
      board.servers.store(row, serverField.weight, weightUnit);
      board.servers.gaugeAdd(row, serverField.active, 1);
    }
    const backend = this.backend(0, plan);
    for (let i = 0; i < count; i++) {
      reactor.nowMs = i;
      this.waiting.push(this.#dispatch(backend));
    }
    for (const dispatch of this.waiting) placeAndConnect(dispatch);
    this.looks = 0;
    this.picks = 0;
  }

  /** As of a new plan: the same row, other objects. */
  backend(row: number, plan: Partial<BackendPlan>): Backend {
    const servers = Array.from({ length: serversPerBackend }, (_, i) => {
      const own = { ...plainServer, name: `s${i}`, maxconn: 1 };
      const address = plainServer.address as never;
      return { plan: own, row: serversPerBackend * row + i, address, secrets: null };
    });
    const whole = { ...plainBackend, ...plan, name: `back${row}`, servers: [] };
    const assignment = { plan: whole, row, table: null, stick: null, servers };
    const backend = new Backend(assignment, this.board, seededRandom(1), noTls);
    this.board.backends.fetchAdd(row, backendField.version, 1);
    const pick = backend.selection.pick.bind(backend.selection);
    backend.selection.pick = (request) => {
      this.picks++;
      return pick(request);
    };
    return backend;
  }

  /** Its timer does nothing; each look at its age, or at whom it has failed on, is counted. */
  #dispatch(backend: Backend): Dispatch {
    const { connected } = this;
    const owner: Dispatched = {
      connectTo: () => {
        connected.push(dispatch.startMs);
        return Began.connecting;
      },
      dropAttempt: nothing,
      abandon: () => {
        throw new Error("nobody is sent away");
      },
      persisted: () => -1,
      keyHash: () => 7,
      fillKey: nothing,
    };
    const timer = { armed: false, dueMs: Infinity, arm: nothing, cancel: nothing };
    const dispatch = new Dispatch(this.#plane, owner, timer, backend);
    dispatch.startMs = this.#plane.reactor.nowMs;
    dispatch.enter();
    let waiting: Waiting | null = null;
    this.#count(dispatch, "excluded");
    return Object.defineProperty(dispatch, "waiting", {
      get: () => waiting,
      set: (next: Waiting | null) => {
        waiting = next;
        if (next !== null) this.#count(next, "sinceMs");
      },
    });
  }

  #count<T extends object>(object: T, key: keyof T): void {
    let value = object[key];
    Object.defineProperty(object, key, {
      get: () => {
        this.looks++;
        return value;
      },
      set: (next: T[keyof T]) => {
        value = next;
      },
    });
  }

  /** A plan comes in which `backend` has all of them. */
  reload(backend: Backend): void {
    const sessions = this.waiting.map((dispatch) => ({
      dispatch,
      older: null as object | null,
      replan: () => replan(dispatch, backend),
    }));
    for (const [i, session] of sessions.entries()) session.older = sessions[i - 1] ?? null;
    replanSessions(sessions.at(-1) as unknown as Session);
  }

  /** When they began, in the order of the queue. */
  queued(): number[] {
    const found: number[] = [];
    let next = this.waiting[0]?.waiting?.queue.oldest ?? null;
    for (; next !== null; next = next.newer) found.push(next.dispatch.startMs);
    return found;
  }

  /** Places of a backend that are free from now on. */
  free(row: number): void {
    this.board.servers.gaugeAdd(serversPerBackend * row, serverField.active, -1);
    this.board.servers.gaugeAdd(serversPerBackend * row + 1, serverField.active, -1);
  }
}

const affine = { balance: { policy: "rendezvous", key: "source", boundedLoad: 0 } } as const;

describe(`${count} sessions that wait keep their order, for a few looks each, when a reload`, () => {
  test.each([
    ["changes what they do not see", {}, 0, {}, "queued"],
    ["gives them to another backend", {}, 1, {}, "queued"],
    ["binds each to one server", {}, 0, affine, "bound"],
    ["frees them from the one server", affine, 0, {}, "queued"],
    ["gives them to another server of that kind", affine, 1, affine, "bound"],
  ] as const)("%s", (_, before, row, after, gauge) => {
    const scene = new Scene(before);
    scene.reload(scene.backend(row, after));
    expect(scene.queued()).toEqual(scene.waiting.map(({ startMs }) => startMs));
    expect(scene.board.backends.gauge(row, backendField[gauge])).toBe(count);
    expect(scene.looks).toBeLessThan(looksEach * count);
    expect(scene.picks).toBeLessThan(4 * count);
    expect(scene.connected).toEqual([]);
  });

  test("comes while a server has failed all of them", () => {
    const scene = new Scene({});
    for (const dispatch of scene.waiting.toReversed()) {
      // As after a refused connect, before they came to wait.
      const waiting = dispatch.waiting as Waiting;
      waiting.queue.remove(waiting);
      dispatch.excluded = Uint8Array.of(1, 0);
      waiting.queue.add(waiting);
    }
    scene.looks = 0;
    scene.picks = 0;
    scene.reload(scene.backend(0, {}));
    expect(scene.queued()).toEqual(scene.waiting.map(({ startMs }) => startMs));
    expect(scene.looks).toBeLessThan(looksEach * count);
    expect(scene.picks).toBeLessThan(4 * count);
  });
});

test("places that come with a reload are for those who wait longest", () => {
  const scene = new Scene({});
  scene.free(1);
  scene.reload(scene.backend(1, {}));
  expect(scene.connected).toEqual([0, 1]);
  expect(scene.board.backends.gauge(1, backendField.queued)).toBe(count - serversPerBackend);
});
