// Where one worker's records pass through OpenSSL: two BIOs that all its connections share, and the
// memory where a record stands in clear. Sharing is safe because a worker does one thing at a time and
// nothing stays: what give() brought is read or given back before another connection reads, and what
// OpenSSL has written is taken at once. It saves 500 bytes and two allocations a connection.
import { bioUpRef } from "../sys/openssl/bio.ts";
import { fixedBytes } from "../sys/openssl/bind.ts";
import { ReadBio, WriteBio } from "../sys/openssl/record-bios.ts";
import { sslRead, sslSetBio, sslWrite, sslWriteBytes } from "../sys/openssl/session.ts";
import { type Connection, type Reactor } from "../reactor/reactor.ts";
import { recordBytes } from "../reactor/record-memory.ts";

/** What the largest forwarded piece, of 64 KiB, is when it is sealed; more moves OpenSSL's memory. */
const sealedBytes = 72 * 1024;

export class RecordLayer {
  /** Records in clear stand here, from `clearStart`. */
  readonly bytes: Uint8Array;
  readonly clearStart: number;
  readonly #reactor: Reactor;
  readonly #address: number;
  readonly #reads: ReadBio;
  readonly #writes: WriteBio;
  /** For records that are given in other memory than `bytes`; made when there are any. */
  #staged: { readonly bytes: Uint8Array; readonly address: number } | null;
  /** What was given, and where it ends. */
  #given: Uint8Array;
  #givenEnd: number;
  /** Whose records wait to be read; null: nobody's. */
  #reader: object | null;

  constructor(reactor: Reactor) {
    const { bytes, address, start } = reactor.records ?? { ...fixedBytes(recordBytes), start: 0 };
    this.bytes = bytes;
    this.clearStart = start;
    this.#reactor = reactor;
    this.#address = address;
    this.#reads = new ReadBio();
    this.#writes = new WriteBio(sealedBytes);
    this.#staged = null;
    this.#given = bytes;
    this.#givenEnd = 0;
    this.#reader = null;
    reactor.sendsFrom(this.#writes.bytes, this.#writes.address);
  }

  /** A new SSL reads and writes here from now on. */
  attach(ssl: number): void {
    // sslSetBio takes a reference to each, and the last one must stay ours.
    bioUpRef(this.#reads.bio);
    bioUpRef(this.#writes.bio);
    sslSetBio(ssl, this.#reads.bio, this.#writes.bio);
  }

  /**
   * Records, or parts of them, that `reader` is going to read now. They must stand until done(). Throws
   * if another one is reading.
   */
  give(reader: object, bytes: Uint8Array, start: number, end: number): void {
    if (this.#reader !== null && this.#reader !== reader) {
      throw new Error("two connections read records at once");
    }
    this.#reader = reader;
    this.#given = bytes;
    this.#givenEnd = end;
    const address = bytes === this.bytes ? this.#address + start : this.#stage(bytes, start, end);
    this.#reads.set(address, end - start);
  }

  /** Copies bytes to a fixed address, and gives that. */
  #stage(bytes: Uint8Array, start: number, end: number): number {
    if (this.#staged === null || this.#staged.bytes.length < end - start) {
      this.#staged = fixedBytes(Math.max(64 * 1024, end - start));
    }
    this.#staged.bytes.set(bytes.subarray(start, end));
    return this.#staged.address;
  }

  /** Nobody reads any more; what is left is dropped, on both sides: it must not reach another one. */
  done(): void {
    this.#reader = null;
    this.#reads.set(this.#address, 0);
    if (this.#writes.length > 0) this.#writes.clear();
  }

  /** Something that was given has not been read. */
  get pending(): boolean {
    return this.#reads.length > 0;
  }

  /** Takes back what has been given and not been read. Null: nothing. */
  rest(): Uint8Array | null {
    const { length } = this.#reads;
    if (length === 0) return null;
    this.#reads.set(this.#address, 0);
    return Buffer.from(this.#given.subarray(this.#givenEnd - length, this.#givenEnd));
  }

  /**
   * Opens the next record, to `clearStart`: how many bytes, at most `most`; 0 or less as SSL_read. What
   * OpenSSL has to say to it (an alert, a new key) is sent at once: nobody else may find it here.
   */
  open(ssl: number, most: number, transport: Connection): number {
    const length = sslRead(ssl, this.#address + this.clearStart, Math.min(most, recordBytes));
    this.send(transport);
    return length;
  }

  /** Seals bytes; send() sends them. 0 or less: it failed. */
  seal(ssl: number, bytes: Uint8Array, start: number, end: number): number {
    return bytes === this.bytes
      ? sslWrite(ssl, this.#address + start, end - start)
      : sslWriteBytes(ssl, bytes.subarray(start, end), end - start);
  }

  /** Sends all that OpenSSL has written. False: some of it was kept. */
  send(transport: Connection): boolean {
    const writes = this.#writes;
    const { length } = writes;
    if (length === 0) return true;
    if (writes.find()) this.#reactor.sendsFrom(writes.bytes, writes.address);
    const flows = transport.write(writes.bytes, 0, length);
    writes.clear();
    return flows;
  }
}
