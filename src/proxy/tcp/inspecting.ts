// A phase between the handshake and the search for a server, where a route or a backend wants what the
// client's TLS hello says: its first bytes are read until they tell it, and kept for the server. Who
// speaks no TLS, or nothing at all, goes on without names: that costs a delay, and the session only
// where no route takes it. The bytes themselves are never touched.
import { ClientHello, HelloState } from "../../tls/client-hello.ts";
import { SessionState } from "../session/session-state.ts";
import { routeSession, servesUnknown } from "./routing-session.ts";
import type { TcpSession } from "./tcp-session.ts";

/** The server speaks first, perhaps: nobody who says nothing is kept waiting for longer than this. */
const inspectMs = 1000;

/** Its client is known; looks for the names if anybody wants them, then for a backend. */
export function startInspecting(session: TcpSession): void {
  const { tls } = session;
  if (tls !== null) {
    session.sni = tls.sni;
    session.alpn = tls.offered;
  }
  if (tls !== null || session.frontend.tcp?.wantsHello !== true) {
    routeSession(session);
    return;
  }
  session.state = SessionState.inspecting;
  session.hello = new ClientHello();
  if (session.early !== null && look(session)) return;
  limit(session);
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
  if (!look(session) && early === null) limit(session);
}

/**
 * Who has begun a hello gets the time that a handshake may take, and so does who could go nowhere
 * without one: a lost packet alone may cost a second.
 */
function limit(session: TcpSession): void {
  const { clientHsMs } = session.frontend.plan.timeout;
  const patient = session.early !== null || !servesUnknown(session);
  if (patient && clientHsMs === 0) {
    session.timer.cancel();
    return;
  }
  const limitMs = patient || (clientHsMs > 0 && clientHsMs < inspectMs) ? clientHsMs : inspectMs;
  const goneMs = session.plane.reactor.nowMs - session.startMs - session.handshakeMs;
  session.timer.arm(Math.max(0, limitMs - goneMs));
}

/** True when the session went on. */
function look(session: TcpSession): boolean {
  const { hello, early } = session;
  if (hello === null || early === null) return false;
  if (hello.parse(early, 0, early.length) === HelloState.needMore) return false;
  endInspecting(session);
  return true;
}

/** The names are found, or there are none, or nobody waits for them any longer. */
export function endInspecting(session: TcpSession): void {
  const { hello } = session;
  if (hello !== null) {
    session.sni = hello.sni;
    session.alpn = hello.alpn;
    if (hello.problem !== "") session.helloProblem = `TLS hello: ${hello.problem}`;
  }
  session.client.pause();
  session.timer.cancel();
  routeSession(session);
}

/** The client has said all it has to say, and that was no hello: its server shall hear it. */
export function endedInspecting(session: TcpSession): void {
  session.clientEnded = true;
  endInspecting(session);
}
