// Clients: connections to an address as Ballast writes it in its ready line and its log.
import { connect, type NetConnectOpts } from "node:net";
import { atTestEnd } from "./leftovers.ts";
import { Peer } from "./peer.ts";
import { until } from "./until.ts";

/** `127.0.0.1:80`, `[::1]:80` or `unix:/path` as node:net wants it. */
export function connectOptions(address: string): NetConnectOpts {
  if (address.startsWith("unix:")) return { path: address.slice("unix:".length) };
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  return { host, port: Number(address.slice(colon + 1)) };
}

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

/** Starts to connect; what is written meanwhile waits. Destroyed when the test ends. `from`: an address of ours. */
export function startClient(address: string, from?: string): Peer {
  const source = from === undefined ? {} : { localAddress: from };
  const socket = connect({ ...connectOptions(address), ...source, allowHalfOpen: true });
  socket.setNoDelay(true);
  atTestEnd(() => {
    socket.destroy();
  });
  return new Peer(socket);
}

/** A connected client. Rejects with the errno's name when it cannot connect. */
export async function connectClient(address: string, from?: string): Promise<Peer> {
  const client = startClient(address, from);
  // It may be reset before anybody looks: that it has been connected is what counts.
  await until(`a connection to ${address}`, () => {
    if (client.ending !== null && !client.connected) throw new Error(client.ending);
    return client.connected;
  });
  return client;
}

/** This client's own address, as the access log names it; also after it has closed. */
export function addressOf(client: Peer): string {
  return client.address;
}

/** Sends `question` and FIN; everything that came back until the server's FIN. */
export async function ask(address: string, question: string | Uint8Array = ""): Promise<string> {
  const client = startClient(address);
  client.end(question);
  const answer = await client.untilEnd();
  return answer.toString("latin1");
}
