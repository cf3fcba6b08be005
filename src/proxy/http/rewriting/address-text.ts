// An address as fields carry it, written where it is wanted: nothing is kept of it for a connection.
import type { SocketAddress } from "../../../config/address.ts";
import type { ByteBuilder } from "../../../http/byte-builder.ts";

/** `192.0.2.1`, `2001:db8::1`; nothing for a unix socket, which has none. */
export function appendIp(out: ByteBuilder, address: SocketAddress): void {
  if (address.family !== "unix") out.latin1(address.host);
}

/** As the node of RFC 7239 section 6: an IPv6 address in brackets and quotes; a socket `unknown`. */
export function appendNode(out: ByteBuilder, address: SocketAddress): void {
  if (address.family === "unix") out.latin1("unknown");
  else if (address.family === "ipv4") out.latin1(address.host);
  else {
    out.latin1('"[');
    out.latin1(address.host);
    out.latin1(']"');
  }
}

/** `192.0.2.1:4711`, `[2001:db8::1]:4711`; of a unix socket the word `unix`. */
export function appendAddress(out: ByteBuilder, address: SocketAddress): void {
  if (address.family === "unix") {
    out.latin1("unix");
    return;
  }
  const six = address.family === "ipv6";
  if (six) out.latin1("[");
  out.latin1(address.host);
  out.latin1(six ? "]:" : ":");
  out.number(address.port);
}
