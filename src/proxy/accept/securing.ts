// The phase before any mode begins where a bind speaks TLS: the handshake, complete within
// timeout.clientHs. It comes behind the PROXY protocol header and before everything else.
import { frontendField } from "../../scoreboard/fields.ts";
import type { WorkerScoreboard } from "../../scoreboard/scoreboard.ts";
import type { AgreedFacts } from "../tls/tls-facts.ts";
import type { Session } from "../session/session.ts";
import { TlsPhase } from "../../tls/tls-phase.ts";
import { Ended, Phase } from "../termination.ts";

/** Shakes hands, if its bind speaks TLS; then the session begins. */
export function secure(session: Session): void {
  const { tls, early } = session;
  if (tls === null) {
    session.begin();
    return;
  }
  const { clientHsMs } = session.frontend.plan.timeout;
  const leftMs = clientHsMs - (session.plane.reactor.nowMs - session.startMs);
  if (clientHsMs > 0) session.timer.arm(Math.max(0, leftMs));
  if (early !== null) tls.unread(early, 0, early.length);
  session.early = null;
  tls.secure();
}

/** The handshake is complete. */
export function secured(session: Session): void {
  const { plane, frontend, tls } = session;
  session.timer.cancel();
  session.handshakeMs = plane.reactor.nowMs - session.startMs;
  const { frontends } = plane.board;
  frontends.count(frontend.row, frontendField.handshakes, 1);
  if (tls?.agreed) count(frontends, frontend.row, tls.agreed);
  session.begin();
}

/** What was agreed on. */
function count(
  frontends: WorkerScoreboard["frontends"],
  row: number,
  { version, resumed, subject }: AgreedFacts,
): void {
  if (version === "TLSv1.3") frontends.count(row, frontendField.tls13, 1);
  else if (version === "TLSv1.2") frontends.count(row, frontendField.tls12, 1);
  else frontends.count(row, frontendField.tlsOlder, 1);
  if (resumed) frontends.count(row, frontendField.resumptions, 1);
  if (subject !== "") frontends.count(row, frontendField.clientCertificates, 1);
}

/** It failed, or took too long: `otherwise` says how where OpenSSL does not. */
export function handshakeFailed(session: Session, otherwise: string): void {
  const { plane, frontend, tls } = session;
  const problem = tls === null || tls.problem === "" ? otherwise : tls.problem;
  plane.board.frontends.count(frontend.row, frontendField.handshakeFailures, 1);
  plane.reports.handshakeFailed(frontend, session.clientAddress, problem);
}

/** Neither a PROXY protocol header nor a handshake was complete within timeout.clientHs. */
export function handshakeTimedOut(session: Session): void {
  if (session.tls !== null && session.tls.phase !== TlsPhase.clear) {
    handshakeFailed(session, "it was not complete within timeout.clientHs");
  }
  session.abort(Ended.clientTimeout, Phase.request);
}
