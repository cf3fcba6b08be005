// What a TLS client says first, read without decrypting anything: the server name (SNI) and the
// application protocols (ALPN) of its ClientHello (RFC 8446 section 4.1.2, the same since TLS 1.0).
// A session calls parse() with all bytes that have arrived, again after each arrival, until it has
// an answer. It never throws, never copies a hello that came in one record, and consumes nothing:
// the bytes go on to the server as they are.
import { readHelloBody, uint16 } from "./hello-body.ts";

export const HelloState = {
  /** So far it may become a hello. */
  needMore: 0,
  /** The client speaks something else, or SSL 2. */
  notTls: 1,
  /** A whole hello: `sni` and `alpn` say what was in it. */
  found: 2,
  /** It speaks TLS and breaks its rules, or its hello is too long; `problem` says how. */
  malformed: 3,
} as const;
export type HelloState = (typeof HelloState)[keyof typeof HelloState];

/**
 * The longest opening that is waited for. A hello may be longer, but OpenSSL takes none above 16 KiB
 * of handshake either; with post-quantum keys it is 2 KiB. The rest is for record headers.
 */
export const helloBytesMax: number = 18 * 1024;

/** RFC 8446 section 5.1. */
const typeHandshake = 22;
const fragmentBytesMax = 16_384;
const recordHeaderBytes = 5;
/** Section 4. */
const typeClientHello = 1;
const messageHeaderBytes = 4;

/** Where a hello of several records is put together: nobody else runs during parse(). */
const whole = new Uint8Array(helloBytesMax);

const nothing: readonly string[] = [];

export class ClientHello {
  state: HelloState;
  /** The end of a sentence; empty unless malformed. */
  problem: string;
  /** In lower case, without a final dot; empty when the client names no server. */
  sni: string;
  /** Protocols in the client's order, as Latin-1; no more than alpnMax. */
  alpn: readonly string[];
  private readonly bytesMax: number;
  /** Where the first record not yet complete begins, from the start of all bytes. */
  private recordAt: number;
  /** Bytes of the message in the complete records before it. */
  private gathered: number;
  /** Of the whole message with its header, once that has come; 0 before. */
  private messageBytes: number;

  /** `bytesMax`: from 1 to helloBytesMax. */
  constructor(bytesMax: number = helloBytesMax) {
    this.bytesMax = Math.min(bytesMax, helloBytesMax);
    this.state = HelloState.needMore;
    this.problem = "";
    this.sni = "";
    this.alpn = nothing;
    this.recordAt = 0;
    this.gathered = 0;
    this.messageBytes = 0;
  }

  /** Another client's hello may be parsed now. */
  reset(): void {
    this.state = HelloState.needMore;
    this.problem = "";
    this.sni = "";
    this.alpn = nothing;
    this.recordAt = 0;
    this.gathered = 0;
    this.messageBytes = 0;
  }

  /**
   * Looks at all bytes of the client so far: `bytes[start..end)`, which begin where they began at
   * the call before. After any other answer than `needMore` it gives the same one for ever.
   */
  parse(bytes: Uint8Array, start: number, end: number): HelloState {
    while (this.state === HelloState.needMore) {
      const at = start + this.recordAt;
      if (!this.opens(bytes, at, end)) break;
      const length = uint16(bytes, at + 3);
      if (length === 0 || length > fragmentBytesMax) {
        return this.refuse("a record has a length that TLS does not allow");
      }
      const from = at + recordHeaderBytes;
      const to = from + length;
      const available = this.gathered + Math.min(to, end) - from;
      this.measure(bytes, start, available);
      if (this.messageBytes > 0 && available >= this.messageBytes) {
        return this.read(bytes, start, from);
      }
      if (to > end) break;
      this.gathered += length;
      this.recordAt += recordHeaderBytes + length;
    }
    if (this.state === HelloState.needMore && end - start >= this.bytesMax) this.refuseTooLong();
    return this.state;
  }

  /** True when a whole record header of the right kind is there. */
  private opens(bytes: Uint8Array, at: number, end: number): boolean {
    const wrongType = end > at && bytes[at] !== typeHandshake;
    // The minor version must be ignored (RFC 8446 section 5.1); the major one has always been 3.
    const wrongVersion = end > at + 1 && bytes[at + 1] !== 3;
    if (wrongType || wrongVersion) {
      if (this.recordAt === 0) this.state = HelloState.notTls;
      else this.refuse("another record interrupts the hello");
      return false;
    }
    return end >= at + recordHeaderBytes;
  }

  /** Reads the header of the message as soon as it is here; it may lie in several records itself. */
  private measure(bytes: Uint8Array, start: number, available: number): void {
    if (this.messageBytes > 0 || available === 0) return;
    const have = Math.min(available, messageHeaderBytes);
    gather(bytes, start, have);
    if (whole[0] !== typeClientHello) this.refuse("the first message is no hello");
    else if (have === messageHeaderBytes) {
      this.messageBytes = messageHeaderBytes + ((whole[1] ?? 0) << 16) + uint16(whole, 2);
      if (this.messageBytes > this.bytesMax) this.refuseTooLong();
    }
  }

  /** The whole message is here and ends in the record whose content begins at `from`. */
  private read(bytes: Uint8Array, start: number, from: number): HelloState {
    if (this.state !== HelloState.needMore) return this.state;
    let message = bytes;
    let at = from;
    if (this.recordAt > 0) {
      gather(bytes, start, this.messageBytes);
      message = whole;
      at = 0;
    }
    const problem = readHelloBody(message, at + messageHeaderBytes, at + this.messageBytes, this);
    if (problem !== "") return this.refuse(problem);
    this.state = HelloState.found;
    return this.state;
  }

  private refuseTooLong(): void {
    this.refuse(`the hello is longer than ${this.bytesMax} bytes`);
  }

  private refuse(problem: string): HelloState {
    this.sni = "";
    this.alpn = nothing;
    this.problem = problem;
    this.state = HelloState.malformed;
    return this.state;
  }
}

/** Copies the first `count` bytes of the message into `whole` from the records that hold them. */
function gather(bytes: Uint8Array, start: number, count: number): void {
  let record = start;
  let filled = 0;
  while (filled < count) {
    const length = uint16(bytes, record + 3);
    const from = record + recordHeaderBytes;
    for (let i = 0; i < length && filled < count; i++) whole[filled++] = bytes[from + i] ?? 0;
    record = from + length;
  }
}
