// What it means when a receive or a splice gives no data.
import * as C from "../../sys/constants.ts";
import { errno } from "../../sys/libc.ts";
import type { EpollConnection } from "./epoll-connection.ts";

/** After a receive (or splice) that gave no data: nothing there, the peer's FIN, or a failure. */
export function readNothing(of: EpollConnection, result: number): void {
  of.readable = false;
  if (result === 0) {
    of.peerEnded = true;
    of.hungUp = true;
    of.handler.onEnd(of);
    return;
  }
  const error = errno();
  if (error === C.EAGAIN) return;
  if (error === C.EINTR) {
    of.readable = true;
    of.schedule();
  } else {
    of.fail(error);
  }
}
