// What is told of one session to whoever asks: session-list.ts makes a row of each that matches, the
// admin API hands it out, `ballast sessions` prints it. Only reads; the session does not notice.
import { formatAddress } from "../../config/address.ts";
import { isoTime } from "../access-log/log-time.ts";
import type { Dispatch } from "../dispatch/dispatch.ts";
import { DispatchState } from "../dispatch/dispatch-state.ts";
import { SessionState } from "./session-state.ts";
import type { Session } from "./session.ts";

/** A session that is open now. Times are whole milliseconds; "in" is from client to server. */
export interface SessionRow {
  /** Unique among the sessions that are open. */
  readonly id: string;
  /** The worker thread that has it, from 0. */
  readonly worker: number;
  /**
   * `handshake` (the PROXY protocol header), `inspecting` (the TLS hello), `queued`, `connecting`,
   * `retrying` (between two attempts), `established`, or `idle` (between two requests).
   */
  readonly state: string;
  /** When it was accepted: ISO 8601, UTC. */
  readonly start: string;
  /** Since then. */
  readonly ageMs: number;
  /** The frontend that accepted it. */
  readonly frontend: string;
  /** Null while none has been chosen. */
  readonly backend: string | null;
  /** Null while none has been chosen, and between two attempts. */
  readonly server: string | null;
  /** Who the client is: the PROXY protocol header's source, else the peer. */
  readonly client: string;
  /** Who connected to us, when that is somebody else: the sender of the PROXY protocol header. */
  readonly peer: string | null;
  /** Where it was accepted. */
  readonly bind: string;
  /** Null while no server has been chosen. */
  readonly serverAddress: string | null;
  /** Bytes from the client that were handed to the server, and the other way. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes received that the client, or the server, has not taken yet. */
  readonly unsentToClient: number;
  readonly unsentToServer: number;
  /** Since the last byte in either direction. */
  readonly idleMs: number;
  /** The client, or the server, has finished sending: the session is half-closed. */
  readonly clientEnded: boolean;
  readonly serverEnded: boolean;
  /** What it sticks by; null: by nothing. */
  readonly stickKey: string | null;
  /** How long it has waited for a place on a server, so far. */
  readonly queueMs: number;
  /** All attempts together; null: not connected yet. */
  readonly connectMs: number | null;
  /** Connect attempts after the first. */
  readonly retries: number;
  /** An attempt went to another server than the first. */
  readonly redispatched: boolean;
  /** Milliseconds left on each time limit that is running, by its name in `timeout`. */
  readonly timeouts: Readonly<Record<string, number>>;
}

/** The words that `state` may be. */
export const sessionStateWords: readonly string[] = [
  "handshake",
  "inspecting",
  "connecting",
  "retrying",
  "queued",
  "established",
  "idle",
];

const dispatchWords: Readonly<Record<DispatchState, string>> = {
  [DispatchState.idle]: "connecting",
  [DispatchState.connecting]: "connecting",
  [DispatchState.pausing]: "retrying",
  [DispatchState.queued]: "queued",
  [DispatchState.connected]: "established",
};

export function stateWordOf({ state, dispatch }: Session): string {
  if (state === SessionState.handshake) return "handshake";
  if (state === SessionState.inspecting) return "inspecting";
  if (state === SessionState.ended) return "ended";
  if (state === SessionState.idle) return "idle";
  return dispatch === null ? "established" : dispatchWords[dispatch.state];
}

/** The backend that a session has been given to; empty while it is not known. */
export function backendOf({ dispatch }: Session): string {
  return dispatch !== null && dispatch.startMs >= 0 ? dispatch.backend.name : "";
}

export function describeSession(session: Session): SessionRow {
  const { plane, client, server, source, dispatch } = session;
  const { nowMs } = plane.reactor;
  const backend = backendOf(session);
  const target = dispatch === null ? null : dispatch.target;
  const address = target === null ? null : target.address;
  return {
    id: `${plane.board.worker}-${client.id}`,
    worker: plane.board.worker,
    state: stateWordOf(session),
    start: isoTime(session.acceptedAtMs),
    ageMs: Math.round(nowMs - session.startMs),
    frontend: session.frontend.name,
    backend: backend === "" ? null : backend,
    server: target === null ? null : target.name,
    client: formatAddress(session.clientAddress),
    peer: source === null ? null : formatAddress(client.remote),
    bind: formatAddress(session.bind),
    serverAddress: address === null ? null : formatAddress(address),
    bytesIn: session.bytesIn,
    bytesOut: session.bytesOut,
    unsentToClient: client.unsent,
    unsentToServer: server === null ? 0 : server.unsent,
    idleMs: Math.round(nowMs - session.lastActivityMs),
    clientEnded: session.clientEnded,
    serverEnded: session.serverEnded,
    stickKey: backend === "" ? null : session.stickKey(),
    queueMs: dispatch === null ? 0 : Math.round(queuedMs(dispatch, nowMs)),
    connectMs: dispatch === null || dispatch.connectMs < 0 ? null : Math.round(dispatch.connectMs),
    retries: dispatch === null ? 0 : Math.max(0, dispatch.attempts - 1),
    redispatched: dispatch !== null && dispatch.redispatched,
    timeouts: session.timeoutsLeft(),
  };
}

function queuedMs({ state, queueMs, queuedAtMs }: Dispatch, nowMs: number): number {
  return queueMs + (state === DispatchState.queued ? nowMs - queuedAtMs : 0);
}
