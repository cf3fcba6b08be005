// The PROXY protocol header that tells a server who a session's client is, and what is known of its TLS
// where the server's plan asks for that.
import type { Server } from "../dispatch/backend.ts";
import type { Session } from "../session/session.ts";
import { encodeProxyHeader } from "./encode.ts";
import { appendValues, encodeTlsValues } from "./tls-values.ts";

/** Valid until the next header is made. */
export function proxyHeaderOf(session: Session, server: Server): Uint8Array {
  const source = session.source ?? session.client.remote;
  const destination = session.destination ?? session.client.local() ?? session.bind;
  const version = server.sendProxy === 1 ? 1 : 2;
  const header = encodeProxyHeader(version, source, destination);
  if (version === 1 || server.proxyTlvs.length === 0) return header;
  const { tls } = session;
  const values = {
    sni: tls === null ? session.namedServer : tls.sni,
    alpn: tls === null ? "" : tls.alpn,
    agreed: tls === null ? null : tls.agreed,
  };
  return appendValues(header, encodeTlsValues(server.proxyTlvs, values));
}
