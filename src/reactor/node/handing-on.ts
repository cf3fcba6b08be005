// What a socket of node:net has read, to the sink of a forward() as far as its limit allows, and what is
// beyond it to whom the owner then wants. node-connection.ts calls it with each chunk.
import type { NodeConnection } from "./node-connection.ts";
import type { Connection } from "../reactor.ts";

export function handOn(from: NodeConnection, chunk: Uint8Array): void {
  let start = 0;
  while (!from.closed && start < chunk.length) {
    const { sink } = from;
    if (sink !== null && (sink.closed || sink.unsent > 0)) hold(from, sink);
    if (from.paused || from.held) {
      from.again = chunk.subarray(start);
      return;
    }
    if (sink === null) {
      from.handler.onData(from, chunk, start, chunk.length);
      return;
    }
    const length = Math.min(chunk.length - start, from.toForward);
    from.toForward -= length;
    if (from.toForward <= 0) from.sink = null;
    const took = sink.write(chunk, start, start + length);
    if (!took && from.sink !== null) hold(from, sink);
    start += length;
    from.handler.onForward(from, length);
  }
}

/** Reads no more until the sink has sent what it keeps. */
function hold(from: NodeConnection, sink: Connection): void {
  from.held = true;
  sink.awaitedBy(from);
  from.flow();
}
