// Where one worker's records pass through OpenSSL: two memory BIOs that all its connections share, and
// the memory where records stand in clear and sealed. Sharing is safe because a worker does one thing at
// a time and nothing stays: what give() brought is read or given back before another connection reads,
// and what OpenSSL has written is taken at once. It saves 500 bytes and two allocations a connection.
import { bioNew, bioMemory, bioPending, bioRead, bioReset, bioUpRef } from "../sys/openssl/bio.ts";
import { bioWrite, bioWriteBytes } from "../sys/openssl/bio.ts";
import { fixedBytes } from "../sys/openssl/bind.ts";
import { sslRead, sslSetBio, sslWrite, sslWriteBytes } from "../sys/openssl/session.ts";
import { type Connection, recordBytes, type RecordMemory } from "../reactor/reactor.ts";

/** Of one side: a record in clear, or sealed. */
const halfBytes = recordBytes / 2;

export class RecordLayer {
  /** Records in clear stand here, from `clearStart`. */
  readonly bytes: Uint8Array;
  readonly clearStart: number;
  readonly #address: number;
  readonly #sealedStart: number;
  readonly #reads: number;
  readonly #writes: number;
  /** Whose records wait to be read; null: nobody's. */
  #reader: object | null;

  /** `records` null: it makes memory of its own. */
  constructor(records: RecordMemory | null) {
    const { bytes, address, start } = records ?? { ...fixedBytes(recordBytes), start: 0 };
    this.bytes = bytes;
    this.clearStart = start;
    this.#address = address;
    this.#sealedStart = start + halfBytes;
    this.#reads = bioNew(bioMemory());
    this.#writes = bioNew(bioMemory());
    this.#reader = null;
  }

  /** A new SSL reads and writes here from now on. */
  attach(ssl: number): void {
    // sslSetBio takes a reference to each, and the last one must stay ours.
    bioUpRef(this.#reads);
    bioUpRef(this.#writes);
    sslSetBio(ssl, this.#reads, this.#writes);
  }

  /** Records, or parts of them, that `reader` is going to read now. Throws if another one is reading. */
  give(reader: object, bytes: Uint8Array, start: number, end: number): void {
    if (this.#reader !== null && this.#reader !== reader) {
      throw new Error("two connections read records at once");
    }
    this.#reader = reader;
    bioReset(this.#reads);
    if (start === end) return;
    if (bytes === this.bytes) bioWrite(this.#reads, this.#address + start, end - start);
    else bioWriteBytes(this.#reads, bytes.subarray(start, end), end - start);
  }

  /** Nobody reads any more; what is left of it is dropped by the next give(). */
  done(): void {
    this.#reader = null;
  }

  /** Something that was given has not been read. */
  get pending(): boolean {
    return bioPending(this.#reads) > 0;
  }

  /** What has been given and not been read. Null: nothing. */
  rest(): Uint8Array | null {
    const length = bioPending(this.#reads);
    if (length <= 0) return null;
    const rest = Buffer.allocUnsafe(length);
    for (let at = 0; at < length;) {
      const read = bioRead(this.#reads, this.#address + this.#sealedStart, halfBytes);
      if (read <= 0) break;
      const from = this.#sealedStart;
      rest.set(this.bytes.subarray(from, from + read), at);
      at += read;
    }
    return rest;
  }

  /**
   * Opens the next record, to `clearStart`: how many bytes, at most `most`; 0 or less as SSL_read. What
   * OpenSSL has to say to it (an alert, a new key) is sent at once: nobody else may find it here.
   */
  open(ssl: number, most: number, transport: Connection): number {
    const length = sslRead(ssl, this.#address + this.clearStart, Math.min(most, halfBytes));
    if (bioPending(this.#writes) > 0) this.send(transport);
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
    let flows = true;
    const start = this.#sealedStart;
    for (;;) {
      const length = bioRead(this.#writes, this.#address + start, halfBytes);
      if (length <= 0) return flows;
      if (!transport.write(this.bytes, start, start + length)) flows = false;
      if (length < halfBytes) return flows;
    }
  }
}
