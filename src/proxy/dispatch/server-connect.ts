// A connection to a server, with TLS where its plan says so. The PROXY protocol header comes before
// everything else, in clear: without TLS the mode sends it once connected, with TLS it goes ahead of our
// hello.
import type { SocketAddress } from "../../config/address.ts";
import type { Connection, ConnectionHandler, ConnectOptions } from "../../reactor/reactor.ts";
import type { DataPlane } from "../data-plane.ts";
import { proxyHeaderOf } from "../proxy-protocol/session-header.ts";
import type { Session } from "../session/session.ts";
import type { Server } from "./backend.ts";

/** Connects to `server`, which has an address, for `session`. */
export function connectServer(
  plane: DataPlane,
  server: Server,
  options: ConnectOptions,
  handler: ConnectionHandler,
  session: Session,
): Connection {
  const address = server.address as SocketAddress;
  if (server.tls === null) return plane.reactor.connect(address, options, handler);
  const connection = plane.tls.layer.connect(address, options, handler, server.tls);
  if (server.sendProxy !== 0) connection.preface = proxyHeaderOf(session, server).slice();
  return connection;
}
