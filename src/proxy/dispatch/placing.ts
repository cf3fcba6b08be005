// From a session, or an exchange, to a place on a server: which backend, which server, and whether there is room.
// What is decided around every policy: failover between backends, sticky tables, maxconn of server
// and backend, and who must wait. A place taken here is given back by Dispatch.leaveServer().
import { noKey, PickRequest } from "../../balance/policy.ts";
import { backendField, serverField } from "../../scoreboard/fields.ts";
import { ServerState } from "../../scoreboard/server-state.ts";
import type { Backend, Server } from "./backend.ts";
import type { Dispatch } from "./dispatch.ts";
import { DispatchState } from "./dispatch-state.ts";
import { Ended, Phase } from "../termination.ts";
import type { Waiting } from "./wait-queue.ts";

/** Of the attempt being made; filled anew each time, so that none allocates its own. */
const request = new PickRequest();

/** The backend that takes its sessions now: itself, or the first of its failover that can. */
export function backendInForce(backend: Backend, dispatch: Dispatch): Backend {
  const { backends } = dispatch.plane.board;
  if (backends.glance(backend.row, backendField.available) === 1) return backend;
  for (const other of backend.failover) {
    if (backends.glance(other.row, backendField.available) === 1) return other;
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
export function place(dispatch: Dispatch): number {
  const { backend } = dispatch;
  let stuck = backend.persistence === null ? -1 : dispatch.owner.persisted();
  if (stuck < 0 && backend.stick !== null) stuck = backend.stick.find(dispatch);
  if (stuck >= 0) {
    const server = backend.servers[stuck] as Server;
    return !isAwaited(dispatch, server) && take(dispatch, server) ? stuck : wait(dispatch, server);
  }
  const { affine } = backend.selection;
  if (backend.limited && !affine && mustQueue(dispatch) && hasUntried(dispatch)) {
    return wait(dispatch, null);
  }
  const index = pick(dispatch);
  if (index >= 0) {
    const server = backend.servers[index] as Server;
    if ((!affine || !isAwaited(dispatch, server)) && take(dispatch, server)) return index;
    return wait(dispatch, affine ? server : null);
  }
  if (backend.selection.passedFull) return wait(dispatch, null);
  return moveOn(dispatch) ? place(dispatch) : Placed.nobody;
}

function pick(dispatch: Dispatch): number {
  request.excluded = dispatch.excluded;
  const { key } = dispatch.backend;
  request.key = key === null ? noKey : dispatch.owner.keyHash(key);
  request.nowMs = dispatch.plane.clockMs;
  return dispatch.backend.selection.pick(request);
}

/** Where nobody is usable nobody waits; who has failed on all servers pauses first. */
function hasUntried(dispatch: Dispatch): boolean {
  const { selection } = dispatch.backend;
  if (selection.usable === 0) return false;
  return dispatch.excluded === null || pick(dispatch) >= 0 || selection.passedFull;
}

/** Whoever waits already comes first; and a backend at its maxconn has no place at all. */
function mustQueue({ plane, backend }: Dispatch): boolean {
  const { backends } = plane.board;
  if (backends.gauge(backend.row, backendField.queued) > 0) return true;
  return backend.maxconn > 0 && backends.gauge(backend.row, backendField.placed) >= backend.maxconn;
}

/** Somebody waits for this server already. */
function isAwaited({ plane }: Dispatch, { row, maxconn, shared }: Server): boolean {
  return (maxconn > 0 || shared) && plane.board.servers.gauge(row, serverField.queued) > 0;
}

/** Counts the session on the server and its backend; false, and nothing is counted, when full. */
function take(dispatch: Dispatch, server: Server): boolean {
  const { servers, backends } = dispatch.plane.board;
  const { backend } = dispatch;
  const placed = backends.gaugeAdd(backend.row, backendField.placed, 1);
  if (backend.maxconn === 0 || placed <= backend.maxconn) {
    const active = servers.gaugeAdd(server.row, serverField.active, 1);
    if (server.maxconn === 0 || active <= server.maxconn) {
      dispatch.target = server;
      return true;
    }
    servers.gaugeAdd(server.row, serverField.active, -1);
  }
  backends.gaugeAdd(backend.row, backendField.placed, -1);
  return false;
}

/** All servers here have failed it or are gone: the next backend of the failover takes it over. */
function moveOn(dispatch: Dispatch): boolean {
  const { backend } = dispatch;
  if (backend.failover.length === 0) return false;
  // Who has tried nobody yet, because there was only a queue, is not dispatched again.
  if (!backend.redispatch && dispatch.attempts > 0) return false;
  if (dispatch.attempts > backend.retries) return false;
  const next = backend.failover.find(({ selection }) => selection.usable > 0);
  if (next === undefined || next === backend) return false;
  moveTo(dispatch, next);
  dispatch.failedOver = true;
  dispatch.plane.board.backends.count(next.row, backendField.failovers, 1);
  dispatch.plane.board.backends.count(next.row, backendField.sessions, 1);
  return true;
}

/** Another backend has the session from now on. */
export function moveTo(dispatch: Dispatch, backend: Backend): void {
  const { backends } = dispatch.plane.board;
  backends.gaugeAdd(dispatch.backend.row, backendField.active, -1);
  backends.gaugeAdd(backend.row, backendField.active, 1);
  dispatch.backend = backend;
  dispatch.excluded = null;
}

/** The client is known: a backend gets the session, its own or one of the failover. */
export function chooseBackend(dispatch: Dispatch): void {
  const { backends } = dispatch.plane.board;
  const backend = backendInForce(dispatch.backend, dispatch);
  if (backend !== dispatch.backend) {
    moveTo(dispatch, backend);
    dispatch.failedOver = true;
    backends.count(backend.row, backendField.failovers, 1);
  }
  backends.count(backend.row, backendField.sessions, 1);
}

function wait(dispatch: Dispatch, server: Server | null): number {
  const { plane, backend } = dispatch;
  const { backends, servers } = plane.board;
  if (server !== null && server.maxqueue > 0) {
    if (servers.gauge(server.row, serverField.queued) >= server.maxqueue) {
      // Better another server than a queue without end.
      exclude(dispatch, backend.servers.indexOf(server));
      return hasUntried(dispatch) ? place(dispatch) : refuse(dispatch);
    }
  }
  if (backend.maxqueue > 0 && queued(dispatch) >= backend.maxqueue) return refuse(dispatch);
  dispatch.serverQueue = server === null ? 0 : servers.gauge(server.row, serverField.queued);
  dispatch.backendQueue = backends.gauge(backend.row, backendField.queued);
  dispatch.state = DispatchState.queued;
  dispatch.queuedAtMs = plane.reactor.nowMs;
  backends.count(backend.row, backendField.waits, 1);
  const { queueMs } = backend.timeout;
  if (queueMs > 0) dispatch.timer.arm(queueMs);
  else dispatch.timer.cancel();
  plane.queues.wait(dispatch, server, dispatch.startMs + plane.clockOffsetMs);
  return Placed.done;
}

function refuse(dispatch: Dispatch): number {
  dispatch.plane.board.backends.count(dispatch.backend.row, backendField.queueFull, 1);
  dispatch.reason = "the queue is full (maxqueue)";
  dispatch.owner.abandon(Ended.proxy, Phase.queue);
  return Placed.done;
}

/** Not this server again; -1: a new plan came meanwhile and has its own order of servers. */
export function exclude(dispatch: Dispatch, index: number): void {
  if (index < 0) return;
  dispatch.excluded ??= new Uint8Array(dispatch.backend.servers.length);
  dispatch.excluded[index] = 1;
}

/** Sessions that wait for this backend or for one of its servers. */
function queued({ plane, backend }: Dispatch): number {
  const { backends } = plane.board;
  const { row } = backend;
  return backends.gauge(row, backendField.queued) + backends.gauge(row, backendField.bound);
}

/** Whether it is worth trying to place the first of a queue. */
export function hasRoom({ dispatch, server }: Waiting): boolean {
  const { plane, backend } = dispatch;
  const { backends, servers } = plane.board;
  const placed = backends.gauge(backend.row, backendField.placed);
  if (server === null || !stays(dispatch, server)) {
    return backend.maxconn === 0 || placed < backend.maxconn || backend.selection.usable === 0;
  }
  if (backend.maxconn > 0 && placed >= backend.maxconn) return false;
  return server.maxconn === 0 || servers.gauge(server.row, serverField.active) < server.maxconn;
}

/** A server that a session may wait for: neither taken out nor down, unless in panic. */
function stays({ plane, backend }: Dispatch, server: Server): boolean {
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
export function placeWaiting({ dispatch, server }: Waiting): number {
  const { backend } = dispatch;
  if (server !== null && stays(dispatch, server)) {
    return take(dispatch, server) ? backend.servers.indexOf(server) : Hope.waits;
  }
  if (server !== null || backend.selection.usable === 0) return Hope.gone;
  const index = pick(dispatch);
  if (index >= 0) return take(dispatch, backend.servers[index] as Server) ? index : Hope.waits;
  // Those that it had not tried are gone: what failed it is tried again after a pause.
  return dispatch.excluded === null || backend.selection.passedFull ? Hope.waits : Hope.gone;
}

export function leaveQueue(dispatch: Dispatch): void {
  const { plane, backend } = dispatch;
  if (dispatch.waiting === null) return;
  const waitedMs = plane.reactor.nowMs - dispatch.queuedAtMs;
  dispatch.queueMs += waitedMs;
  plane.board.backends.count(backend.row, backendField.queueMs, waitedMs);
  dispatch.timer.cancel();
  plane.queues.leave(dispatch);
}

/** It ends or goes elsewhere: if it was its turn, that is somebody else's now. */
export function giveUpWaiting(dispatch: Dispatch): void {
  const { waiting } = dispatch;
  if (waiting === null) return;
  const { queue } = waiting;
  const first = queue.oldest === waiting;
  leaveQueue(dispatch);
  if (first) dispatch.plane.queues.passOn(queue);
}

/** timeout.queue has passed. Whoever is told so has left the queue. */
export function queueTimedOut(dispatch: Dispatch): void {
  giveUpWaiting(dispatch);
  dispatch.plane.board.backends.count(dispatch.backend.row, backendField.queueTimeouts, 1);
  dispatch.reason = "no server had room within timeout.queue";
  dispatch.owner.abandon(Ended.serverTimeout, Phase.queue);
}
