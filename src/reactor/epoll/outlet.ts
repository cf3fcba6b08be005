// How an epoll connection sends: at once if the kernel takes it, else kept and flushed when the
// socket has room. Order on the wire: what is in the pipe, then what is kept, then FIN.
import * as C from "../../sys/constants.ts";
import * as libc from "../../sys/libc.ts";
import { setNoDelay } from "../../sys/stream-socket.ts";
import type { EpollConnection } from "./epoll-connection.ts";
import { Kept } from "./kept.ts";
import { receiveBytes } from "./poll.ts";

const flags = C.MSG_NOSIGNAL | C.MSG_DONTWAIT;
const interest = C.EPOLLIN | C.EPOLLPRI | C.EPOLLRDHUP | C.EPOLLET;

/** Appends to what is kept, and asks epoll for room. */
export function keep(to: EpollConnection, bytes: Uint8Array, start: number, end: number): void {
  if (to.kept === null) to.kept = new Kept(bytes, start, end);
  else to.kept.append(bytes, start, end);
  watchOut(to);
}

/** Once asked for, EPOLLOUT stays: edge-triggered, it costs nothing until a send was refused. */
export function watchOut(to: EpollConnection): void {
  if (to.watchesOut) return;
  to.watchesOut = true;
  if (!to.poll.control(C.EPOLL_CTL_MOD, to.descriptor, interest | C.EPOLLOUT, to.generation)) {
    to.failLater(libc.errno());
  }
}

/** What fits into the first segment, whatever the path's MTU: IPv6 guarantees 1280. */
const firstSegmentBytes = 1200;

/**
 * Nagle's algorithm holds back only what follows unacknowledged bytes. So the first send, if it
 * fits into a segment, does not need TCP_NODELAY, and a connection that sends once never does.
 */
export function speak(to: EpollConnection, length: number): void {
  if (to.spoken || length > firstSegmentBytes) {
    to.noDelay = true;
    setNoDelay(to.descriptor);
  }
  to.spoken = true;
}

/** Sends `length` bytes at `address`: how many went, or -1 after a failure (which is recorded). */
export function sendAt(to: EpollConnection, address: number, length: number): number {
  if (!to.noDelay) speak(to, length);
  const sent = libc.send(to.descriptor, address, length, flags);
  if (sent >= 0) return sent;
  const error = libc.errno();
  if (error === C.EAGAIN || error === C.EINTR) return 0;
  to.failLater(error);
  return -1;
}

/** With nothing kept before it. True when all went, or it failed. */
export function sendNow(
  to: EpollConnection,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const { buffers, lent, lentAddress, outgoing } = to.poll;
  if (bytes === buffers.bytes || bytes === lent) {
    const address = bytes === lent ? lentAddress : buffers.address;
    const sent = sendAt(to, address + start, end - start);
    if (sent < 0 || sent === end - start) return true;
    keep(to, bytes, start + sent, end);
    return false;
  }
  let at = start;
  while (at < end) {
    const length = Math.min(receiveBytes, end - at);
    outgoing.bytes.set(bytes.subarray(at, at + length), 0);
    const sent = sendAt(to, outgoing.address, length);
    if (sent < 0) return true;
    at += sent;
    if (sent < length) {
      keep(to, bytes, at, end);
      return false;
    }
  }
  return true;
}

/** The socket has room: the pipe first, then the kept bytes. Only from a turn. */
export function flushKept(to: EpollConnection): void {
  if (!flushPipe(to) || !flushBuffer(to)) return;
  if (to.ending) halfClose(to);
  to.handler.onDrain(to);
  wakeSource(to);
}

/** Whoever was stopped for this socket goes on after the events of this turn. */
export function wakeSource(to: EpollConnection): void {
  const { source } = to;
  if (source === null) return;
  to.source = null;
  if (source.sink === to) source.schedule();
}

/** True when the pipe is empty now. */
export function flushPipe(to: EpollConnection): boolean {
  const { pipe } = to;
  if (pipe === null) return true;
  if (!to.noDelay) speak(to, pipe.bytes);
  while (pipe.bytes > 0) {
    const moved = libc.splice(
      pipe.readEnd,
      0,
      to.descriptor,
      0,
      pipe.bytes,
      C.SPLICE_F_MOVE | C.SPLICE_F_NONBLOCK,
    );
    if (moved > 0) {
      pipe.bytes -= moved;
      continue;
    }
    const error = libc.errno();
    if (moved < 0 && error !== C.EAGAIN && error !== C.EINTR) to.failLater(error);
    else watchOut(to);
    return false;
  }
  to.poll.pipes.giveBack(pipe);
  to.pipe = null;
  return true;
}

function flushBuffer(to: EpollConnection): boolean {
  const { kept } = to;
  if (kept === null) return true;
  const { outgoing } = to.poll;
  while (kept.length > 0) {
    const length = kept.copy(outgoing.bytes);
    const sent = sendAt(to, outgoing.address, length);
    if (sent < 0) return false;
    kept.drop(sent);
    if (sent < length) {
      watchOut(to);
      return false;
    }
  }
  to.kept = null;
  return true;
}

export function halfClose(to: EpollConnection): void {
  // A peer that has reset meanwhile makes this fail with ENOTCONN; its event says so better.
  libc.shutdown(to.descriptor, C.SHUT_WR);
}
