// What a turn does after its events: everything that handlers asked for meanwhile and that may call
// handlers again. Whatever comes up here in turn waits for the next turn.
import type { EpollConnection } from "./epoll-connection.ts";
import { read } from "./inlet.ts";
import { halfClose } from "./outlet.ts";
import type { Poll } from "./poll.ts";

/** `accepted`: of the turn before; emptied. */
export function endTurn(poll: Poll, accepted: EpollConnection[]): void {
  if (accepted.length > 0) handOver(poll, accepted);
  if (poll.ready.length > 0) readReady(poll);
  // A write that failed may have taken the socket's error with it, so that the receive after it saw
  // a FIN: the failure must come before the FIN that would be passed on.
  if (poll.failed.length > 0) reportFailed(poll);
  if (poll.halfClosing.length > 0) halfCloseOpen(poll);
}

function handOver(poll: Poll, accepted: EpollConnection[]): void {
  for (const connection of accepted) {
    try {
      connection.listener?.handOver(connection);
    } catch (error) {
      poll.handler.onHandlerError(error);
    }
  }
  accepted.length = 0;
}

/** Reads on where a handler resumed. */
function readReady(poll: Poll): void {
  const { ready } = poll;
  poll.ready = [];
  for (const connection of ready) {
    connection.queued = false;
    try {
      read(connection);
    } catch (error) {
      poll.handlerThrew(connection, error);
    }
  }
}

/** Those that still are open: their FIN goes out. */
function halfCloseOpen(poll: Poll): void {
  const { halfClosing } = poll;
  poll.halfClosing = [];
  for (const connection of halfClosing) {
    if (connection.established && connection.unsent === 0) halfClose(connection);
  }
}

/** Failures found inside the owner's calls. */
function reportFailed(poll: Poll): void {
  const { failed } = poll;
  poll.failed = [];
  for (const connection of failed) {
    try {
      connection.fail(connection.failure);
    } catch (error) {
      poll.handlerThrew(connection, error);
    }
  }
}
