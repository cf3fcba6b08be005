// The PROXY protocol header that tells a server who a session's client is.
import type { Server } from "../dispatch/backend.ts";
import type { Session } from "../session/session.ts";
import { encodeProxyHeader } from "./encode.ts";

/** Valid until the next header is made. */
export function proxyHeaderOf(session: Session, server: Server): Uint8Array {
  const source = session.source ?? session.client.remote;
  const destination = session.destination ?? session.client.local() ?? session.bind;
  return encodeProxyHeader(server.sendProxy === 1 ? 1 : 2, source, destination);
}
