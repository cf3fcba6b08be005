// The address objects of node:net as the project's own. Used by the node reactor only.
import type { AddressInfo, Socket } from "node:net";
import type { SocketAddress } from "../../config/address.ts";

/** Null for the empty object that node:net answers when a socket has no address any more. */
export function socketAddress(info: AddressInfo | object): SocketAddress | null {
  if (!("address" in info)) return null;
  return ipAddress(info.address, info.family, info.port);
}

/** `family` is node:net's word, "IPv4" or "IPv6". */
export function ipAddress(host: string, family: string, port: number): SocketAddress {
  return { family: family === "IPv6" ? "ipv6" : "ipv4", host, port };
}

/** This end of an open connection. */
export function localAddress(
  socket: Socket,
  remote: SocketAddress,
  incoming: boolean,
): SocketAddress | null {
  if (remote.family !== "unix") return socketAddress(socket.address());
  // An outgoing unix socket has no name.
  return incoming ? remote : { family: "unix", path: "" };
}
