// What arrives at an epoll connection: events, the end of its handshake, data, FIN and failures.
//
// Edge-triggered means: `readable` stays true until recv says otherwise, and whoever pauses must
// come back to it. A receive that fills less than the buffer has emptied the socket, unless the
// peer has ended or sent urgent data (recv stops at the urgent mark): then read until EAGAIN.
import * as C from "../../sys/constants.ts";
import * as libc from "../../sys/libc.ts";
import { pendingError } from "../../sys/stream-socket.ts";
import { State } from "./connection-state.ts";
import type { EpollConnection } from "./epoll-connection.ts";
import { handOn, readForwarding } from "./forwarding.ts";
import { flushKept, halfClose, wakeSource } from "./outlet.ts";
import { receiveBytes } from "./poll.ts";
import { readNothing } from "./read-result.ts";

/** Receives in one go, before the others get their turn. */
const receivesPerTurn = 16;

const hangUps = C.EPOLLRDHUP | C.EPOLLHUP | C.EPOLLERR;
const arrivals = C.EPOLLIN | C.EPOLLPRI | hangUps;

/**
 * What an event tells about a connection before any handler of this turn runs: they must not take
 * somebody for idle who has hung up, or has something to say.
 */
export function foresee(of: EpollConnection, mask: number): void {
  if ((mask & hangUps) !== 0) of.hungUp = true;
  if ((mask & C.EPOLLIN) !== 0 && !of.peerEnded && of.state === State.open) of.readable = true;
}

/** Events of epoll for this connection. */
export function onEvents(of: EpollConnection, mask: number): void {
  if (of.state === State.connecting) {
    finishConnect(of, mask);
    if (!of.established) return;
  } else if ((mask & C.EPOLLOUT) !== 0 && of.unsent > 0) {
    flushKept(of);
    if (of.closed) return;
  }
  if ((mask & arrivals) === 0) return;
  if ((mask & C.EPOLLERR) !== 0 && failsUnread(of)) return;
  if (of.peerEnded) return;
  of.readable = true;
  if ((mask & ~(C.EPOLLIN | C.EPOLLOUT)) !== 0) of.exhaustive = true;
  if ((mask & C.EPOLLPRI) !== 0) of.urgent = true;
  if (!of.queued) read(of);
}

/** The three-way handshake has ended, one way or the other. */
function finishConnect(of: EpollConnection, mask: number): void {
  if ((mask & (C.EPOLLERR | C.EPOLLHUP)) !== 0) {
    const error = pendingError(of.descriptor);
    if (error !== 0) {
      of.fail(error);
      return;
    }
  }
  if ((mask & C.EPOLLOUT) === 0) return;
  of.state = State.open;
  of.handler.onConnect(of);
  if (of.closed) return;
  if (of.unsent > 0) {
    flushKept(of);
    return;
  }
  if (of.ending) halfClose(of);
  wakeSource(of);
}

/**
 * A reset must reach the owner even while nobody reads here (paused, ended, or the sink is full):
 * a session whose one side is gone has nothing to wait for. Otherwise the receive will tell.
 */
function failsUnread(of: EpollConnection): boolean {
  if (!of.paused && !of.peerEnded && !sinkFull(of)) return false;
  const error = pendingError(of.descriptor);
  if (error === 0) return false;
  of.fail(error);
  return true;
}

function sinkFull({ sink }: EpollConnection): boolean {
  return sink !== null && (!sink.established || sink.unsent > 0);
}

/** Reads until the socket is empty, the owner pauses, or others should have their turn. */
export function read(of: EpollConnection): void {
  for (let i = 0; i < receivesPerTurn; i++) {
    if (!of.readable || of.paused || of.state !== State.open) return;
    if (of.surplus !== null) {
      if (!takeSurplus(of, of.surplus)) return;
    } else if (of.sink !== null) {
      if (!readForwarding(of, of.sink)) return;
    } else if (!receive(of)) return;
  }
  of.schedule();
}

function takeSurplus(of: EpollConnection, surplus: Buffer): boolean {
  of.surplus = null;
  return handOn(of, surplus, surplus.length);
}

function receive(of: EpollConnection): boolean {
  const { buffers } = of.poll;
  const length = libc.recv(of.descriptor, buffers.address, receiveBytes, 0);
  if (length <= 0) {
    readNothing(of, length);
    return false;
  }
  if (length === receiveBytes) of.bulk = true;
  else if (!of.exhaustive) of.readable = false;
  of.handler.onData(of, buffers.bytes, 0, length);
  return true;
}
