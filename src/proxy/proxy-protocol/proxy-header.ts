// What a PROXY protocol header says, and the two answers of its parser that are not a length. One
// object serves any number of connections: parse.ts overwrites it at every call. Facts and section
// numbers here and beside are those of HAProxy's doc/proxy-protocol.txt.
import type { SocketAddress } from "../../config/address.ts";
import { incomplete, invalid } from "../../config/ip-scan.ts";

// A header answers as the words that it is made of; `problem` says why it is invalid.
export { incomplete, invalid };

/**
 * The longest header taken: the 16 fixed bytes of version 2 and 4 KiB behind them. The format
 * allows 64 KiB there, but senders keep below 536 bytes unless they pass on a client certificate,
 * and what is not yet complete must be kept for every connection that sends it.
 */
export const proxyHeaderBytesMax: number = 16 + 4096;

/** The result of the last parse. Addresses are set only when a whole, valid header was there. */
export class ProxyHeader {
  version: 1 | 2;
  /** True: the header names nobody else; the connection's own addresses are the right ones. */
  local: boolean;
  /** Where the client connected from; null when local, or for an unnamed unix socket. */
  source: SocketAddress | null;
  /** Where the client connected to; null likewise. */
  destination: SocketAddress | null;
  /** Why it is invalid, for the log; empty otherwise. Never contains what the peer sent. */
  problem: string;

  constructor() {
    this.version = 1;
    this.local = false;
    this.source = null;
    this.destination = null;
    this.problem = "";
  }
}

/** Notes the problem and answers `invalid`. */
export function refuse(header: ProxyHeader, problem: string): number {
  header.problem = problem;
  return invalid;
}
