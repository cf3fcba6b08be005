// Answers which sessions a worker has: walks its list, newest first, a slice at a time with turns of
// the reactor in between, so that traffic waits for one slice at most. One question at a time; the
// control plane asks the next when it has its answer or has given up waiting for it.
import type { Timer, TimerHandler } from "../../reactor/reactor.ts";
import { type ClientRange, inRange } from "../client-range.ts";
import type { DataPlane } from "../data-plane.ts";
import type { Session } from "./session.ts";
import { backendOf, describeSession, type SessionRow, stateWordOf } from "./session-row.ts";

/** Which sessions are wanted; plain data. An empty text or null: any. */
export interface SessionQuery {
  readonly frontend: string;
  readonly backend: string;
  readonly server: string;
  readonly client: ClientRange | null;
  /** A word of sessionStateWords. */
  readonly state: string;
  /** Rows at most. */
  readonly limit: number;
}

/** Takes rows as the text of a JSON array: a structured clone of objects would cost ten times more. */
export type TakeRows = (rows: string, done: boolean) => void;

/** Sessions looked at, and rows made, in one turn. */
const visitsMax = 500;
const rowsMax = 100;

const nothing: SessionQuery = {
  frontend: "",
  backend: "",
  server: "",
  client: null,
  state: "",
  limit: 0,
};

export class SessionList implements TimerHandler {
  readonly #plane: DataPlane;
  readonly #timer: Timer;
  /** Where the walk goes on; null: there is none, or it has come to the end. */
  #next: Session | null;
  #query: SessionQuery;
  #take: TakeRows | null;
  /** Rows still wanted. */
  #left: number;

  constructor(plane: DataPlane) {
    this.#plane = plane;
    this.#timer = plane.reactor.timer(this);
    this.#next = null;
    this.#query = nothing;
    this.#take = null;
    this.#left = 0;
  }

  /** Begins to answer; `take` is called once a slice that found something, and at last with `done`. */
  ask(query: SessionQuery, take: TakeRows): void {
    this.#query = query;
    this.#take = take;
    this.#left = query.limit;
    this.#next = this.#plane.newest;
    this.onTimer();
  }

  /** A session leaves the worker's list: the walk must not stand on it. */
  skip(session: Session): void {
    if (this.#next === session) this.#next = session.older;
  }

  /** One slice. */
  onTimer(): void {
    const rows: SessionRow[] = [];
    const wanted = Math.min(rowsMax, this.#left);
    let session = this.#next;
    for (let i = 0; i < visitsMax && rows.length < wanted && session !== null; i++) {
      if (matches(session, this.#query)) rows.push(describeSession(session));
      session = session.older;
    }
    this.#next = session;
    this.#left -= rows.length;
    const done = session === null || this.#left <= 0;
    if (rows.length > 0 || done) this.#take?.(JSON.stringify(rows), done);
    if (!done) {
      this.#timer.arm(0);
      return;
    }
    this.#timer.cancel();
    this.#next = null;
    this.#take = null;
  }
}

function matches(session: Session, query: SessionQuery): boolean {
  const { frontend, backend, server, client, state } = query;
  if (frontend !== "" && session.frontend.name !== frontend) return false;
  if (backend !== "" && backendOf(session) !== backend) return false;
  if (server !== "" && session.dispatch?.target?.name !== server) return false;
  if (state !== "" && stateWordOf(session) !== state) return false;
  return client === null || inRange(client, session.clientAddress);
}
