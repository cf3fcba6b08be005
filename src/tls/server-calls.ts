// What OpenSSL asks of us while it shakes hands with a client: which protocol, and which ticket key. C
// calls these functions; they must not throw, and they run within sslDoHandshake only. Sessions that are kept are in session-calls.ts.
import {
  cipherFetch,
  decryptInit,
  encryptInit,
  macSetParams,
  randomBytes,
} from "../sys/openssl/evp.ts";
import { callback, copyMemory, fixedBytes } from "../sys/openssl/bind.ts";
import { sslVersion } from "../sys/openssl/session.ts";
import { SessionCalls } from "./session-calls.ts";
import { staple } from "./staples.ts";
import { TicketKeys } from "./ticket-keys.ts";
import type { TlsConnection } from "./tls-connection.ts";

const tls13 = 0x0304;
const SSL_TLSEXT_ERR_OK = 0;
const SSL_TLSEXT_ERR_ALERT_FATAL = 2;
const SSL_TLSEXT_ERR_NOACK = 3;

/** Of a ticket (RFC 5077 section 4): the name of its key, and an initialisation vector. */
const nameBytes = 16;
const ivBytes = 16;

/** What a ticket's key callback answers (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)). */
const Ticket = { failed: -1, unknown: 0, good: 1, renew: 2 } as const;

export class ServerCalls {
  readonly tickets: TicketKeys;
  readonly sessions: SessionCalls;
  /** C pointers. */
  readonly selectProtocol: bigint;
  readonly ticketKey: bigint;
  readonly staple: bigint;
  /** Whose handshake is going on; null: nobody's. */
  shaking: TlsConnection | null;
  /** Protocols that may be answered with, where C can read them. */
  readonly #protocols: Map<string, { readonly address: number; readonly length: number }>;
  readonly #aes256Cbc: number;
  /** A pointer, or a length, or a ticket's name on its way between C and here. */
  readonly #cell: { readonly bytes: Buffer; readonly address: number };

  constructor() {
    this.tickets = new TicketKeys();
    this.sessions = new SessionCalls();
    this.shaking = null;
    this.#protocols = new Map();
    this.#aes256Cbc = cipherFetch(0, "AES-256-CBC", 0);
    this.#cell = fixedBytes(16);
    this.selectProtocol = callback(
      "int BallastSelectProtocol(long ssl, long out, long length, long offered, uint bytes, long argument)",
      (_ssl, out, length) => this.#select(out, length),
    );
    this.staple = callback("int BallastStaple(long ssl, long argument)", (ssl) => staple(ssl));
    this.ticketKey = callback(
      "int BallastTicketKey(long ssl, long name, long iv, long cipher, long mac, int seals)",
      (ssl, name, iv, cipher, mac, seals) =>
        seals === 1 ? this.#seal(name, iv, cipher, mac) : this.#open(ssl, name, iv, cipher, mac),
    );
  }

  /** The first of ours that the client offers (RFC 7301 section 3.2). */
  #select(out: number, length: number): number {
    const { shaking } = this;
    if (shaking === null || shaking.contexts === null) return SSL_TLSEXT_ERR_NOACK;
    const name = shaking.contexts.plan.alpn.find((ours) => shaking.offered.includes(ours));
    if (name === undefined) return SSL_TLSEXT_ERR_ALERT_FATAL;
    shaking.alpn = name;
    const protocol = this.#protocol(name);
    const { bytes, address } = this.#cell;
    bytes.writeBigUInt64LE(BigInt(protocol.address), 0);
    copyMemory(out, address, 8);
    bytes[0] = protocol.length;
    copyMemory(length, address, 1);
    return SSL_TLSEXT_ERR_OK;
  }

  #protocol(name: string): { readonly address: number; readonly length: number } {
    let protocol = this.#protocols.get(name);
    if (protocol === undefined) {
      const { bytes, address } = fixedBytes(Math.max(1, name.length));
      bytes.write(name, "latin1");
      protocol = { address, length: name.length };
      this.#protocols.set(name, protocol);
    }
    return protocol;
  }

  /** A new ticket, with the newest key. */
  #seal(name: number, iv: number, cipher: number, mac: number): number {
    const key = this.tickets.newest;
    if (key === null || randomBytes(iv, ivBytes) !== 1) return Ticket.failed;
    copyMemory(name, key.name, nameBytes);
    if (encryptInit(cipher, this.#aes256Cbc, 0, key.cipher, iv) !== 1) return Ticket.failed;
    return macSetParams(mac, key.macParams) === 1 ? Ticket.good : Ticket.failed;
  }

  /**
   * A client's ticket. One with an older key is renewed; in TLS 1.3 each is, because a client uses a ticket
   * once (RFC 8446 appendix C.4) and would have none for the connection after the next.
   */
  #open(ssl: number, name: number, iv: number, cipher: number, mac: number): number {
    const { bytes, address } = this.#cell;
    copyMemory(address, name, nameBytes);
    const key = this.tickets.find(bytes);
    if (key === null) return Ticket.unknown;
    if (decryptInit(cipher, this.#aes256Cbc, 0, key.cipher, iv) !== 1) return Ticket.failed;
    if (macSetParams(mac, key.macParams) !== 1) return Ticket.failed;
    const lasts = key === this.tickets.newest && sslVersion(ssl) !== tls13;
    return lasts ? Ticket.good : Ticket.renew;
  }
}
