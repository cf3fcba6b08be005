// How a socket of node:net is reset: the abort() of a node connection. Nothing else may reset one,
// because libuv refuses at moments that only this file knows.
import type { Socket } from "node:net";

/** RST if there is a peer that can be told, else the socket just goes away. */
export function reset(socket: Socket, unix: boolean): void {
  if (socket.connecting || socket.destroyed || unix) {
    // There is nothing to reset: no peer yet, or a kind of socket that knows no RST.
    socket.destroy();
  } else if (socket.writableEnded && !socket.writableFinished && socket.writableLength === 0) {
    // libuv refuses to reset while its shutdown(2) is under way, which is one turn at most.
    socket.once("finish", () => socket.resetAndDestroy());
  } else {
    socket.resetAndDestroy();
  }
}
