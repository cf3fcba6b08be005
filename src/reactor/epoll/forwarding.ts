// From one connection to another without the owner touching the bytes. Small messages are received
// and sent at once, while they are in the nearest cache; long transfers move through a pipe with
// splice(2) and never enter this process (measured: half the CPU at 64 KiB bodies).
import * as C from "../../sys/constants.ts";
import * as libc from "../../sys/libc.ts";
import { State } from "./connection-state.ts";
import type { Connection } from "../reactor.ts";
import { EpollConnection } from "./epoll-connection.ts";
import { flushPipe } from "./outlet.ts";
import { bulkReceiveBytes, receiveBytes } from "./poll.ts";
import { readNothing } from "./read-result.ts";

/** What one splice may take from a socket; a pipe of default size holds 64 KiB. */
const spliceBytes = 1024 * 1024;
/** A spliced read smaller than this goes back to copying. */
const bulkBytesMin = 8 * 1024;

/** One read handed on. False: stop, for now or for good. */
export function readForwarding(from: EpollConnection, to: Connection): boolean {
  if (!mayTake(from, to)) return false;
  // Of the last bytes before a limit more is received than may go: that tells whether anything
  // follows, for which a splice would need another call.
  const splices = from.bulk && !from.urgent && from.toForward > receiveBytes;
  // To TLS, whose bytes must be sealed first, nothing can be spliced.
  if (to instanceof EpollConnection) {
    return splices ? spliceThrough(from, to) : copyThrough(from, receiveBytes);
  }
  return copyThrough(from, splices ? bulkReceiveBytes : receiveBytes);
}

function mayTake(from: EpollConnection, to: Connection): boolean {
  if (to.closed) return false;
  if (to.established && to.unsent === 0 && !to.failing) return true;
  to.awaitedBy(from);
  return false;
}

function copyThrough(from: EpollConnection, most: number): boolean {
  const { buffers } = from.poll;
  const length = libc.recv(from.descriptor, buffers.address, most, 0);
  if (length <= 0) {
    readNothing(from, length);
    return false;
  }
  if (length === most) from.bulk = true;
  else if (!from.exhaustive) from.readable = false;
  return handOn(from, buffers.bytes, length);
}

/**
 * `bytes[0..end)` were read: to the sink as far as the limit allows, and what is beyond it to
 * whomever the owner then wants. What nobody wants now is kept for the next read.
 */
export function handOn(from: EpollConnection, bytes: Uint8Array, end: number): boolean {
  let start = 0;
  while (!from.paused && from.state === State.open) {
    const { sink } = from;
    if (sink === null) {
      from.handler.onData(from, bytes, start, end);
      return true;
    }
    if (!mayTake(from, sink)) break;
    const length = Math.min(end - start, from.toForward);
    if (!sink.write(bytes, start, start + length)) sink.awaitedBy(from);
    start += length;
    handedOn(from, length);
    if (start === end) return true;
  }
  if (from.state !== State.open) return false;
  from.surplus = Buffer.from(bytes.subarray(start, end));
  from.readable = true;
  return false;
}

/** Tells the owner what has been handed over; with the last byte, forwarding has ended. */
function handedOn(from: EpollConnection, length: number): void {
  from.toForward -= length;
  if (from.toForward <= 0) from.sink = null;
  from.handler.onForward(from, length);
}

function spliceThrough(from: EpollConnection, to: EpollConnection): boolean {
  const pipe = from.poll.pipes.borrow();
  if (pipe === null) {
    from.bulk = false;
    return true;
  }
  const flags = C.SPLICE_F_MOVE | C.SPLICE_F_NONBLOCK;
  const most = Math.min(spliceBytes, from.toForward);
  const length = libc.splice(from.descriptor, 0, pipe.writeEnd, 0, most, flags);
  if (length <= 0) {
    from.poll.pipes.giveBack(pipe);
    // An end may be the mark of urgent data, which splice does not tell apart, and some sockets
    // cannot be spliced (EINVAL): a receive knows.
    if (length === 0 || libc.errno() === C.EINVAL) {
      from.bulk = false;
      return copyThrough(from, receiveBytes);
    }
    readNothing(from, length);
    return false;
  }
  if (length < bulkBytesMin) from.bulk = false;
  pipe.bytes = length;
  to.pipe = pipe;
  if (!flushPipe(to)) to.source = from;
  handedOn(from, length);
  return true;
}
