// A handler that does nothing: what an accepted connection has until its owner sets its own. Both
// reactors use it. It must keep no state, because all connections share it.
import type { ConnectionHandler } from "./reactor.ts";

export const silentHandler: ConnectionHandler = {
  onConnect() {},
  onData() {},
  onForward() {},
  onDrain() {},
  onEnd() {},
  onFail() {},
};
