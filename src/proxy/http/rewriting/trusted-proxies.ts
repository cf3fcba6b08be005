// Proxies whose word counts: `trustedProxies` of a frontend. Asked once for each client connection
// (the answer stays with it) and for each address that a trusted one names.
import type { SocketAddress } from "../../../config/address.ts";
import { type ClientRange, inRange, parseClientRange } from "../../client-range.ts";

export class TrustedProxies {
  readonly #ranges: readonly ClientRange[];
  readonly #unix: boolean;

  /** Addresses, CIDR ranges, and `unix` for whoever connects to a unix socket. */
  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map(parseClientRange).filter((range) => range !== null);
    this.#unix = ranges.includes("unix");
  }

  trusts(address: SocketAddress): boolean {
    if (address.family === "unix") return this.#unix;
    for (let i = 0; i < this.#ranges.length; i++) {
      if (inRange(this.#ranges[i] as ClientRange, address)) return true;
    }
    return false;
  }
}
