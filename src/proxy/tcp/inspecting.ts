// A phase between the handshake and the search for a server, where a backend wants the TLS server
// name: the client's first bytes are read until they tell it, and kept for the server. Who speaks
// no TLS, or nothing at all, goes on without a name: that costs a delay, never the session.
import { ClientHello, HelloState } from "../../tls/client-hello.ts";
import { startConnecting } from "../dispatch/connecting.ts";
import type { TcpSession } from "./tcp-session.ts";
import { SessionState } from "../session/session-state.ts";

/** The server speaks first, perhaps: nobody is kept waiting for a hello longer than this. */
const inspectMs = 1000;

/** Its client is known; looks for the name if the backend wants it, then for a server. */
export function startInspecting(session: TcpSession): void {
  if (!session.dispatch.backend.wantsSni) {
    search(session);
    return;
  }
  const { clientHsMs } = session.frontend.plan.timeout;
  session.state = SessionState.inspecting;
  session.hello = new ClientHello();
  if (session.early !== null && look(session)) return;
  session.timer.arm(clientHsMs > 0 ? Math.min(clientHsMs, inspectMs) : inspectMs);
  session.client.resume();
}

/** More of the client's first bytes. */
export function inspectData(
  session: TcpSession,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const more = bytes.subarray(start, end);
  const { early } = session;
  session.early = early === null ? Buffer.from(more) : Buffer.concat([early, more]);
  look(session);
}

/** True when the session went on. */
function look(session: TcpSession): boolean {
  const { hello, early } = session;
  if (hello === null || early === null) return false;
  if (hello.parse(early, 0, early.length) === HelloState.needMore) return false;
  endInspecting(session);
  return true;
}

/** The name is found, or there is none, or nobody waits for it any longer. */
export function endInspecting(session: TcpSession): void {
  const { hello } = session;
  session.sni = hello === null ? "" : hello.sni;
  session.hello = null;
  session.client.pause();
  session.timer.cancel();
  search(session);
}

/** The client has said all it has to say, and that was no hello: its server shall hear it. */
export function endedInspecting(session: TcpSession): void {
  session.clientEnded = true;
  endInspecting(session);
}

function search(session: TcpSession): void {
  session.state = SessionState.dispatching;
  startConnecting(session.dispatch);
}
