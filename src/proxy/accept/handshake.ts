// The first phase where a bind says acceptProxy: the PROXY protocol header, complete within
// timeout.clientHs, or the connection is refused before any server hears of it. TLS comes after it.
import { formatAddress } from "../../config/address.ts";
import { incomplete, invalid, proxyHeaderBytesMax } from "../proxy-protocol/proxy-header.ts";
import { parseProxyHeader } from "../proxy-protocol/parse.ts";
import type { Session } from "../session/session.ts";
import { secure } from "./securing.ts";
import { Ended, Phase } from "../termination.ts";

export function startHandshake(session: Session): void {
  const { clientHsMs } = session.frontend.plan.timeout;
  if (clientHsMs > 0) session.timer.arm(clientHsMs);
  session.client.resume();
}

/** Bytes of the client before its header is complete. */
export function handshakeData(
  session: Session,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const { early } = session;
  if (early === null) {
    take(session, bytes, start, end);
    return;
  }
  const whole = Buffer.concat([early, bytes.subarray(start, end)]);
  take(session, whole, 0, whole.length);
}

function take(session: Session, bytes: Uint8Array, start: number, end: number): void {
  const { header, reactor } = session.plane;
  const length = parseProxyHeader(bytes, start, end, header);
  if (length === incomplete && end - start <= proxyHeaderBytesMax) {
    session.early = Buffer.from(bytes.subarray(start, end));
    return;
  }
  if (length === incomplete || length === invalid) {
    refuse(session, length === invalid ? header.problem : "the header is too long");
    return;
  }
  session.client.pause();
  session.timer.cancel();
  session.handshakeMs = reactor.nowMs - session.startMs;
  if (!header.local) {
    session.source = header.source;
    session.destination = header.destination;
  }
  // The worker's receive buffer is about to be used again: what came behind the header is copied.
  session.early = start + length < end ? Buffer.from(bytes.subarray(start + length, end)) : null;
  secure(session);
}

/** Its PROXY protocol header is not one. */
function refuse(session: Session, problem: string): void {
  const { frontend, client, plane } = session;
  if (session.dispatch !== null) session.dispatch.reason = problem;
  plane.reports.tell({
    level: "debug",
    message: `frontend ${frontend.name} refused a connection: ${problem}`,
    fields: { frontend: frontend.name, peer: formatAddress(client.remote) },
  });
  session.abort(Ended.proxy, Phase.request);
}
