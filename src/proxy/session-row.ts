// What is told of one session to whoever asks: session-list.ts makes a row of each that matches, the
// admin API hands it out, `ballast sessions` prints it. Only reads; the session does not notice.
import { formatAddress } from "../config/address.ts";
import type { Connection } from "../reactor/reactor.ts";
import { isoTime } from "./access-log/log-time.ts";
import type { Session } from "./session.ts";
import { SessionState } from "./session-state.ts";

/** A session that is open now. Times are whole milliseconds; "in" is from client to server. */
export interface SessionRow {
  /** Unique among the sessions that are open. */
  readonly id: string;
  /** The worker thread that has it, from 0. */
  readonly worker: number;
  /**
   * `handshake` (the PROXY protocol header), `inspecting` (the TLS hello), `queued`, `connecting`,
   * `retrying` (between two attempts) or `established`.
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

/** Words for a SessionState. */
export const sessionStateWords: Readonly<Record<SessionState, string>> = {
  [SessionState.handshake]: "handshake",
  [SessionState.inspecting]: "inspecting",
  [SessionState.connecting]: "connecting",
  [SessionState.pausing]: "retrying",
  [SessionState.queued]: "queued",
  [SessionState.tunnel]: "established",
  [SessionState.ended]: "ended",
};

/** The backend that a session has been given to; empty while it is not known. */
export function backendOf(session: Session): string {
  return session.connectStartMs >= 0 ? session.backend.name : "";
}

export function describeSession(session: Session): SessionRow {
  const { plane, client, server, source, target } = session;
  const { nowMs } = plane.reactor;
  const backend = backendOf(session);
  const queued = session.state === SessionState.queued;
  const address = target === null ? null : target.address;
  return {
    id: `${plane.board.worker}-${client.id}`,
    worker: plane.board.worker,
    state: sessionStateWords[session.state],
    start: isoTime(session.acceptedAtMs),
    ageMs: Math.round(nowMs - session.startMs),
    frontend: session.frontend.name,
    backend: backend === "" ? null : backend,
    server: target === null ? null : target.name,
    client: formatAddress(source ?? client.remote),
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
    stickKey: stickKeyOf(session),
    queueMs: Math.round(session.queueMs + (queued ? nowMs - session.queuedAtMs : 0)),
    connectMs: session.connectMs < 0 ? null : Math.round(session.connectMs),
    retries: Math.max(0, session.attempts - 1),
    redispatched: session.redispatched,
    timeouts: session.state === SessionState.tunnel ? tunnelLeft(session) : timerLeft(session),
  };
}

/** As its sticky table lists it. */
function stickKeyOf(session: Session): string | null {
  const { stick } = session.backend;
  if (stick === null || backendOf(session) === "") return null;
  if (stick.on === "sni") return session.sni === "" ? null : session.sni;
  const client = session.source ?? session.client.remote;
  return client.family === "unix" ? null : client.host;
}

/** Before the tunnel the session's timer is the limit itself. */
function timerLeft(session: Session): Record<string, number> {
  const { dueMs } = session.timer;
  if (dueMs === Infinity) return {};
  const leftMs = Math.max(0, Math.round(dueMs - session.plane.reactor.nowMs));
  if (session.state === SessionState.handshake) return { clientHs: leftMs };
  if (session.state === SessionState.queued) return { queue: leftMs };
  return session.state === SessionState.connecting ? { connect: leftMs } : {};
}

/** In a tunnel it is armed lazily: what is left follows from the last activity, as in tunnel.ts. */
function tunnelLeft(session: Session): Record<string, number> {
  const left: Record<string, number> = {};
  const { clientMs, clientFinMs } = session.frontend.plan.timeout;
  const { serverMs, tunnelMs } = session.backend.timeout;
  const silentMs = session.plane.reactor.nowMs - session.lastActivityMs;
  const put = (name: string, limitMs: number): void => {
    if (limitMs > 0) left[name] = Math.max(0, Math.round(limitMs - silentMs));
  };
  const clientStalls = session.client.unsent > 0;
  const serverStalls = (session.server as Connection).unsent > 0;
  if (clientStalls || (tunnelMs === 0 && !serverStalls)) put("client", clientMs);
  if (serverStalls || (tunnelMs === 0 && !clientStalls)) put("server", serverMs);
  if (session.clientEnded || session.serverEnded) put("clientFin", clientFinMs);
  put("tunnel", tunnelMs);
  return left;
}
