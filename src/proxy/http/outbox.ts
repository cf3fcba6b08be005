// Where a worker composes what it writes: a head, and the bytes that follow it, in one send. One
// message at a time: whoever appends flushes before anybody else does.
import { chunkHeadMax, writeChunkHead } from "../../http/h1/chunk-writer.ts";
import { copyBytes } from "../../http/h1/copy.ts";
import { writtenBytesMax } from "../../http/h1/repeated-heads.ts";
import type { Connection } from "../../reactor/reactor.ts";

export class Outbox {
  readonly bytes: Uint8Array;
  /** Where to compose, up to the end of `bytes`. */
  readonly start: number;
  /** Where what is here begins and ends; the same when it is empty. It may go on up to `limit`. */
  #begin: number;
  #end: number;
  #limit: number;

  /** `bytes` are the reactor's scratch: what is written from there is not copied. */
  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes;
    this.start = start;
    this.#begin = start;
    this.#end = start;
    this.#limit = bytes.length;
  }

  /** A head was written from `start` on, and ends at `end`. */
  compose(end: number): void {
    this.#end = end;
  }

  /** A head that was written before stands elsewhere in `bytes`. */
  repeat(start: number, end: number): void {
    this.#begin = start;
    this.#end = end;
    this.#limit = start + writtenBytesMax;
  }

  /** Behind what is here already; a large piece goes out by itself, uncopied. */
  append(to: Connection, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#hasRoom(end - start) || this.#end === this.#begin) {
      this.flush(to);
      to.write(bytes, start, end);
      return;
    }
    this.#end = copyBytes(this.bytes, this.#end, bytes, start, end);
  }

  /** The line before a chunk of so many bytes (RFC 9112 section 7.1). */
  appendChunkHead(to: Connection, length: number): void {
    if (!this.#hasRoom(chunkHeadMax)) this.flush(to);
    this.#end = writeChunkHead(length, this.bytes, this.#end);
  }

  /** Whether so much more fits, if need be by taking what is here to where there is more room. */
  #hasRoom(length: number): boolean {
    if (this.#end + length <= this.#limit) return true;
    if (this.#begin === this.start) return false;
    const end = copyBytes(this.bytes, this.start, this.bytes, this.#begin, this.#end);
    this.#reset();
    this.#end = end;
    return end + length <= this.#limit;
  }

  #reset(): void {
    this.#begin = this.start;
    this.#end = this.start;
    this.#limit = this.bytes.length;
  }

  /** Sends what is here. False: the connection holds back some, stop the source until onDrain. */
  flush(to: Connection): boolean {
    const begin = this.#begin;
    const end = this.#end;
    if (end > begin) {
      this.#reset();
      to.write(this.bytes, begin, end);
    }
    return to.unsent === 0;
  }
}
