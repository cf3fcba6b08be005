// An address as the bytes that fields carry, made once for a connection, so that telling a server of
// its client is a copy. The exchange makes one for each client connection, and one more for a request
// whose client a trusted proxy names.
import { formatAddress, type SocketAddress } from "../../../config/address.ts";

/**
 * What an address is made of is ASCII. So few bytes live in V8's heap; what TextEncoder gives is memory
 * outside of it for each connection, and costs collections.
 */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export class AddressText {
  readonly address: SocketAddress;
  /** `192.0.2.1`, `2001:db8::1`; empty for a unix socket, which has none. */
  readonly ip: Uint8Array;
  #node: Uint8Array | null;
  #whole: Uint8Array | null;

  constructor(address: SocketAddress) {
    this.address = address;
    this.ip = address.family === "unix" ? new Uint8Array(0) : bytesOf(address.host);
    this.#node = null;
    this.#whole = null;
  }

  /** 0 for a unix socket. */
  get port(): number {
    return this.address.family === "unix" ? 0 : this.address.port;
  }

  /** As the node of RFC 7239 section 6: an IPv6 address in brackets and quotes; a socket `unknown`. */
  node(): Uint8Array {
    if (this.#node === null) {
      const { address } = this;
      if (address.family === "unix") this.#node = bytesOf("unknown");
      else if (address.family === "ipv4") this.#node = this.ip;
      else this.#node = bytesOf(`"[${address.host}]"`);
    }
    return this.#node;
  }

  /** `192.0.2.1:4711`, `[2001:db8::1]:4711`; of a unix socket the word `unix`. */
  whole(): Uint8Array {
    if (this.#whole === null) {
      const { address } = this;
      this.#whole = bytesOf(address.family === "unix" ? "unix" : formatAddress(address));
    }
    return this.#whole;
  }
}
