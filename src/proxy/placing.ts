// From a session to a place on a server: which backend, which server, and whether there is room.
// What is decided around every policy: failover between backends, sticky tables, maxconn of server
// and backend, and who must wait. A place taken here is given back by Session.leaveServer().
import { noKey, PickRequest } from "../balance/policy.ts";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { ServerState } from "../scoreboard/layout.ts";
import type { Backend, Server } from "./backend.ts";
import type { Session } from "./session.ts";
import { keyHash } from "./session-key.ts";
import { SessionState } from "./session-state.ts";
import { Ended, Phase } from "./termination.ts";
import type { Waiting } from "./wait-queue.ts";

/** Of the attempt being made; filled anew each time, so that none allocates its own. */
const request = new PickRequest();

/** The backend that takes its sessions now: itself, or the first of its failover that can. */
export function backendInForce(backend: Backend, session: Session): Backend {
  const { backends } = session.plane.board;
  if (backends.load(backend.row, backendField.available) === 1) return backend;
  for (const other of backend.failover) {
    if (backends.load(other.row, backendField.available) === 1) return other;
  }
  // None that has recovered for long enough: then any that could serve at all.
  if (backend.selection.usable > 0) return backend;
  return backend.failover.find(({ selection }) => selection.usable > 0) ?? backend;
}

/** What place() answers when it has not taken a place on a server. */
export const Placed = {
  /** It waits in a queue, or has a server by now, or was refused. */
  done: -1,
  /** There is no server to try. */
  nobody: -2,
} as const;

/** Takes a place on a server and gives its index, or sees to it that the session waits for one. */
export function place(session: Session): number {
  const { backend } = session;
  const stuck = backend.stick === null ? -1 : backend.stick.find(session);
  if (stuck >= 0) {
    const server = backend.servers[stuck] as Server;
    return !isAwaited(session, server) && take(session, server) ? stuck : wait(session, server);
  }
  const { affine } = backend.selection;
  if (backend.limited && !affine && mustQueue(session) && hasUntried(session)) {
    return wait(session, null);
  }
  const index = pick(session);
  if (index >= 0) {
    const server = backend.servers[index] as Server;
    if ((!affine || !isAwaited(session, server)) && take(session, server)) return index;
    return wait(session, affine ? server : null);
  }
  if (backend.selection.passedFull) return wait(session, null);
  return moveOn(session) ? place(session) : Placed.nobody;
}

function pick(session: Session): number {
  request.excluded = session.excluded;
  const { key } = session.backend;
  request.key = key === null ? noKey : keyHash(session, key);
  request.nowMs = session.plane.clockMs;
  return session.backend.selection.pick(request);
}

/** Where nobody is usable nobody waits; who has failed on all servers pauses first. */
function hasUntried(session: Session): boolean {
  const { selection } = session.backend;
  if (selection.usable === 0) return false;
  return session.excluded === null || pick(session) >= 0 || selection.passedFull;
}

/** Whoever waits already comes first; and a backend at its maxconn has no place at all. */
function mustQueue({ plane, backend }: Session): boolean {
  const { backends } = plane.board;
  if (backends.gauge(backend.row, backendField.queued) > 0) return true;
  return backend.maxconn > 0 && backends.gauge(backend.row, backendField.placed) >= backend.maxconn;
}

/** Somebody waits for this server already. */
function isAwaited({ plane }: Session, { row, maxconn, shared }: Server): boolean {
  return (maxconn > 0 || shared) && plane.board.servers.gauge(row, serverField.queued) > 0;
}

/** Counts the session on the server and its backend; false, and nothing is counted, when full. */
function take(session: Session, server: Server): boolean {
  const { servers, backends } = session.plane.board;
  const { backend } = session;
  const placed = backends.gaugeAdd(backend.row, backendField.placed, 1);
  if (backend.maxconn === 0 || placed <= backend.maxconn) {
    const active = servers.gaugeAdd(server.row, serverField.active, 1);
    if (server.maxconn === 0 || active <= server.maxconn) {
      session.target = server;
      return true;
    }
    servers.gaugeAdd(server.row, serverField.active, -1);
  }
  backends.gaugeAdd(backend.row, backendField.placed, -1);
  return false;
}

/** All servers here have failed it or are gone: the next backend of the failover takes it over. */
function moveOn(session: Session): boolean {
  const { backend } = session;
  if (backend.failover.length === 0) return false;
  // Who has tried nobody yet, because there was only a queue, is not dispatched again.
  if (!backend.redispatch && session.attempts > 0) return false;
  if (session.attempts > backend.retries) return false;
  const next = backend.failover.find(({ selection }) => selection.usable > 0);
  if (next === undefined || next === backend) return false;
  moveTo(session, next);
  session.failedOver = true;
  session.plane.board.backends.count(next.row, backendField.failovers, 1);
  session.plane.board.backends.count(next.row, backendField.sessions, 1);
  return true;
}

/** Another backend has the session from now on. */
export function moveTo(session: Session, backend: Backend): void {
  const { backends } = session.plane.board;
  backends.gaugeAdd(session.backend.row, backendField.active, -1);
  backends.gaugeAdd(backend.row, backendField.active, 1);
  session.backend = backend;
  session.excluded = null;
}

/** The client is known: a backend gets the session, its own or one of the failover. */
export function chooseBackend(session: Session): void {
  const { backends } = session.plane.board;
  const backend = backendInForce(session.backend, session);
  if (backend !== session.backend) {
    moveTo(session, backend);
    session.failedOver = true;
    backends.count(backend.row, backendField.failovers, 1);
  }
  backends.count(backend.row, backendField.sessions, 1);
}

function wait(session: Session, server: Server | null): number {
  const { plane, backend } = session;
  const { backends, servers } = plane.board;
  if (server !== null && server.maxqueue > 0) {
    if (servers.gauge(server.row, serverField.queued) >= server.maxqueue) {
      // Better another server than a queue without end.
      exclude(session, backend.servers.indexOf(server));
      return hasUntried(session) ? place(session) : refuse(session);
    }
  }
  if (backend.maxqueue > 0 && queued(session) >= backend.maxqueue) return refuse(session);
  session.serverQueue = server === null ? 0 : servers.gauge(server.row, serverField.queued);
  session.backendQueue = backends.gauge(backend.row, backendField.queued);
  session.state = SessionState.queued;
  session.queuedAtMs = plane.reactor.nowMs;
  backends.count(backend.row, backendField.waits, 1);
  const { queueMs } = backend.timeout;
  if (queueMs > 0) session.timer.arm(queueMs);
  else session.timer.cancel();
  plane.queues.wait(session, server, session.connectStartMs + plane.clockOffsetMs);
  return Placed.done;
}

function refuse(session: Session): number {
  session.plane.board.backends.count(session.backend.row, backendField.queueFull, 1);
  session.reason = "the queue is full (maxqueue)";
  session.abort(Ended.proxy, Phase.queue);
  return Placed.done;
}

/** Not this server again; -1: a new plan came meanwhile and has its own order of servers. */
export function exclude(session: Session, index: number): void {
  if (index < 0) return;
  session.excluded ??= new Uint8Array(session.backend.servers.length);
  session.excluded[index] = 1;
}

/** Sessions that wait for this backend or for one of its servers. */
function queued({ plane, backend }: Session): number {
  const { backends } = plane.board;
  const { row } = backend;
  return backends.gauge(row, backendField.queued) + backends.gauge(row, backendField.bound);
}

/** Whether it is worth trying to place the first of a queue. */
export function hasRoom({ session, server }: Waiting): boolean {
  const { plane, backend } = session;
  const { backends, servers } = plane.board;
  const placed = backends.gauge(backend.row, backendField.placed);
  if (server === null || !stays(session, server)) {
    return backend.maxconn === 0 || placed < backend.maxconn || backend.selection.usable === 0;
  }
  if (backend.maxconn > 0 && placed >= backend.maxconn) return false;
  return server.maxconn === 0 || servers.gauge(server.row, serverField.active) < server.maxconn;
}

/** A server that a session may wait for: neither taken out nor down, unless in panic. */
function stays({ plane, backend }: Session, server: Server): boolean {
  const state = plane.board.servers.load(server.row, serverField.state);
  if (state === ServerState.up || state === ServerState.drain) return true;
  return backend.selection.uses(backend.servers.indexOf(server));
}

/** What a waiting session may hope for. */
export const Hope = { waits: -1, gone: -2 } as const;

/**
 * Takes a place for a waiting session and gives the server's index. `waits`: there is none; `gone`:
 * what it waited for is no more, so it is to be placed anew.
 */
export function placeWaiting({ session, server }: Waiting): number {
  const { backend } = session;
  if (server !== null && stays(session, server)) {
    return take(session, server) ? backend.servers.indexOf(server) : Hope.waits;
  }
  if (server !== null || backend.selection.usable === 0) return Hope.gone;
  const index = pick(session);
  if (index >= 0) return take(session, backend.servers[index] as Server) ? index : Hope.waits;
  // Those that it had not tried are gone: what failed it is tried again after a pause.
  return session.excluded === null || backend.selection.passedFull ? Hope.waits : Hope.gone;
}

export function leaveQueue(session: Session): void {
  const { plane, backend } = session;
  if (session.waiting === null) return;
  const waitedMs = plane.reactor.nowMs - session.queuedAtMs;
  session.queueMs += waitedMs;
  plane.board.backends.count(backend.row, backendField.queueMs, waitedMs);
  session.timer.cancel();
  plane.queues.leave(session);
}

/** It ends or goes elsewhere: if it was its turn, that is somebody else's now. */
export function giveUpWaiting(session: Session): void {
  const { waiting } = session;
  if (waiting === null) return;
  const { queue } = waiting;
  const first = queue.oldest === waiting;
  leaveQueue(session);
  if (first) session.plane.queues.passOn(queue);
}

/** timeout.queue has passed. */
export function queueTimedOut(session: Session): void {
  session.plane.board.backends.count(session.backend.row, backendField.queueTimeouts, 1);
  session.reason = "no server had room within timeout.queue";
  session.abort(Ended.serverTimeout, Phase.queue);
}
