// Host and port, of a Host field or a request target (RFC 3986 section 3.2). Without user names, which
// RFC 9110 section 4.2.4 tells to treat as an error.
import { inAddress, inHost, lowerCase } from "../characters.ts";

const portMax = 65_535;

export class Authority {
  bytes: Uint8Array;
  start: number;
  /** Where the host ends, its brackets included. */
  hostEnd: number;
  end: number;
  /** -1: not said. */
  port: number;

  constructor() {
    this.bytes = new Uint8Array(0);
    this.start = 0;
    this.hostEnd = 0;
    this.end = 0;
    this.port = -1;
  }

  /** Reads `bytes[start..end)`. False: no authority; an empty one is, if it is empty altogether. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.port = -1;
    let at = start;
    if (at < end && bytes[at] === 0x5b) {
      at++;
      const first = at;
      while (at < end && inAddress[bytes[at] as number] === 1) at++;
      if (at === first || at === end || bytes[at] !== 0x5d) return false;
      at++;
    } else {
      while (at < end && inHost[bytes[at] as number] === 1) at++;
    }
    this.hostEnd = at;
    if (at === end) return true;
    if (at === start || bytes[at] !== 0x3a) return false;
    return this.#readPort(at + 1);
  }

  /** Digits; none of them is a port not said (RFC 3986 section 3.2.3). */
  #readPort(start: number): boolean {
    let port = -1;
    for (let at = start; at < this.end; at++) {
      const digit = (this.bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) return false;
      port = port < 0 ? digit : port * 10 + digit;
      if (port > portMax) return false;
    }
    this.port = port;
    return true;
  }

  /** Whether the other one means the same host and port, `defaultPort` being what is not said. */
  equals(other: Authority, defaultPort: number): boolean {
    const length = this.hostEnd - this.start;
    if (other.hostEnd - other.start !== length) return false;
    for (let i = 0; i < length; i++) {
      const byte = this.bytes[this.start + i] as number;
      if (lowerCase[byte] !== lowerCase[other.bytes[other.start + i] as number]) return false;
    }
    const port = this.port < 0 ? defaultPort : this.port;
    return port === (other.port < 0 ? defaultPort : other.port);
  }
}
