// Socket addresses as plain data, and their text forms. Every layer may import this file, so it
// imports nothing: no schema library, no system calls.

/** Where a socket listens or connects: an IP address and port, or a unix socket's path. */
export type SocketAddress =
  | { readonly family: "ipv4" | "ipv6"; readonly host: string; readonly port: number }
  | { readonly family: "unix"; readonly path: string };

/** A host that still needs a resolver before a socket can use it. */
export interface NamedAddress {
  readonly family: "name";
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:80`, `[::1]:80` or `unix:/run/app.sock`: the form that configuration and logs use. */
export function formatAddress(address: SocketAddress | NamedAddress): string {
  if (address.family === "unix") return `unix:${address.path}`;
  if (address.family === "ipv6") return `[${address.host}]:${address.port}`;
  return `${address.host}:${address.port}`;
}
