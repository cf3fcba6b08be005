// From one connection to another without the owner touching the bytes. Small messages are received
// and sent at once, while they are in the nearest cache; long transfers move through a pipe with
// splice(2) and never enter this process (measured: half the CPU at 64 KiB bodies).
import * as C from "../../sys/constants.ts";
import * as libc from "../../sys/libc.ts";
import { State } from "./connection-state.ts";
import type { EpollConnection } from "./epoll-connection.ts";
import { flushPipe, keep, sendAt } from "./outlet.ts";
import { receiveBytes } from "./poll.ts";
import { readNothing } from "./read-result.ts";

/** What one splice may take from a socket; a pipe of default size holds 64 KiB. */
const spliceBytes = 1024 * 1024;
/** A spliced read smaller than this goes back to copying. */
const bulkBytesMin = 8 * 1024;

/** One read handed on. False: stop, for now or for good. */
export function readForwarding(from: EpollConnection, to: EpollConnection): boolean {
  if (to.state === State.closed) return false;
  if (to.state === State.connecting || to.unsent > 0 || to.failure !== 0) {
    to.source = from;
    return false;
  }
  return from.bulk && !from.urgent ? spliceThrough(from, to) : copyThrough(from, to);
}

function copyThrough(from: EpollConnection, to: EpollConnection): boolean {
  const { receive } = from.poll;
  const length = libc.recv(from.descriptor, receive.address, receiveBytes, 0);
  if (length <= 0) {
    readNothing(from, length);
    return false;
  }
  if (length === receiveBytes) from.bulk = true;
  else if (!from.exhaustive) from.readable = false;
  const sent = sendAt(to, receive.address, length);
  if (sent >= 0 && sent < length) {
    keep(to, receive.bytes, sent, length);
    to.source = from;
  }
  from.handler.onForward(from, length);
  return true;
}

function spliceThrough(from: EpollConnection, to: EpollConnection): boolean {
  const pipe = from.poll.pipes.borrow();
  if (pipe === null) {
    from.bulk = false;
    return true;
  }
  const flags = C.SPLICE_F_MOVE | C.SPLICE_F_NONBLOCK;
  const length = libc.splice(from.descriptor, 0, pipe.writeEnd, 0, spliceBytes, flags);
  if (length <= 0) {
    from.poll.pipes.giveBack(pipe);
    // An end may be the mark of urgent data, which splice does not tell apart, and some sockets
    // cannot be spliced (EINVAL): a receive knows.
    if (length === 0 || libc.errno() === C.EINVAL) {
      from.bulk = false;
      return copyThrough(from, to);
    }
    readNothing(from, length);
    return false;
  }
  if (length < bulkBytesMin) from.bulk = false;
  pipe.bytes = length;
  to.pipe = pipe;
  if (!flushPipe(to)) to.source = from;
  from.handler.onForward(from, length);
  return true;
}
