// A question to a worker with 50,000 sessions: answered in slices, each of which looks at few of them
// and lets the reactor turn before the next, so that traffic never waits for the whole list.
import { describe, expect, test } from "vitest";
import type { SocketAddress } from "../../config/address.ts";
import type { Timer } from "../../reactor/reactor.ts";
import type { DataPlane } from "../data-plane.ts";
import { SessionList, type SessionQuery } from "./session-list.ts";
import { SessionState } from "./session-state.ts";
import type { Session } from "./session.ts";

const count = 50_000;
const visitsMax = 500;
const rowsMax = 100;
const address: SocketAddress = { family: "ipv4", host: "192.0.2.1", port: 80 };
const everything: SessionQuery = {
  frontend: "",
  backend: "",
  server: "",
  client: null,
  state: "",
  limit: count,
};

/** What a worker has, as far as a listing looks. */
class Crowd {
  readonly list: SessionList;
  newest: Session | null;
  /** Sessions looked at since the last turn. */
  visits: number;
  #armed: boolean;

  constructor() {
    this.visits = 0;
    this.#armed = false;
    this.newest = null;
    const timer = {
      arm: (delayMs: number) => {
        expect(delayMs).toBe(0);
        this.#armed = true;
      },
      cancel: () => {
        this.#armed = false;
      },
    };
    const plane = {
      reactor: { nowMs: 1000, timer: () => timer as unknown as Timer },
      board: { worker: 0 },
    };
    Object.defineProperty(plane, "newest", { get: () => this.newest });
    for (let id = 0; id < count; id++) this.#add(plane, id);
    this.list = new SessionList(plane as unknown as DataPlane);
  }

  #add(plane: object, id: number): void {
    const next = this.newest;
    const session = {
      plane,
      state: SessionState.idle,
      dispatch: null,
      server: null,
      source: null,
      client: { id, remote: address, unsent: 0 },
      clientAddress: address,
      bind: address,
      frontend: { name: id % 1000 === 0 ? "rare" : "front" },
      acceptedAtMs: 0,
      startMs: 0,
      lastActivityMs: 0,
      bytesIn: 0,
      bytesOut: 0,
      clientEnded: false,
      serverEnded: false,
      timeoutsLeft: () => ({}),
    };
    const look = (): Session | null => {
      this.visits++;
      return next;
    };
    Object.defineProperty(session, "older", { get: look });
    this.newest = session as unknown as Session;
  }

  /** Asks, and gives what each turn looked at and told. */
  ask(query: SessionQuery): { visits: number[]; rows: { id: string }[][] } {
    const visits: number[] = [];
    const rows: { id: string }[][] = [];
    const turn = (work: () => void): void => {
      this.visits = 0;
      this.#armed = false;
      work();
      visits.push(this.visits);
    };
    turn(() => this.list.ask(query, (text) => rows.push(JSON.parse(text) as { id: string }[])));
    while (this.#armed) turn(() => this.list.onTimer());
    return { visits, rows };
  }
}

describe(`${count} sessions`, () => {
  const crowd = new Crowd();

  test("all of them are told, newest first, a hundred in a turn", () => {
    const { visits, rows } = crowd.ask(everything);
    expect(Math.max(...visits)).toBeLessThanOrEqual(rowsMax);
    expect(Math.max(...rows.map((part) => part.length))).toBe(rowsMax);
    const told = rows.flat().map(({ id }) => id);
    expect(told).toEqual(Array.from({ length: count }, (_, i) => `0-${count - 1 - i}`));
  });

  test("a filter that few fit looks at five hundred in a turn", () => {
    const { visits, rows } = crowd.ask({ ...everything, frontend: "rare" });
    expect(Math.max(...visits)).toBe(visitsMax);
    expect(visits.reduce((sum, looked) => sum + looked, 0)).toBe(count);
    expect(rows.flat()).toHaveLength(count / 1000);
  });

  test("the newest are told at once, and the rest is not looked at", () => {
    const { visits, rows } = crowd.ask({ ...everything, limit: 10 });
    expect(visits).toEqual([10]);
    expect(rows.flat()).toHaveLength(10);
  });
});
