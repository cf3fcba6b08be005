// Where a worker composes what it writes: a head, and the bytes that follow it, in one send. One message at a
// time: whoever appends flushes before anybody else does. What somebody has left here nevertheless, because his
// connection came to its end in between, goes to nobody.
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
  /** Whose it is. Null: it is empty. */
  #to: Connection | null;

  /** `bytes` are the reactor's scratch: what is written from there is not copied. */
  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes;
    this.start = start;
    this.#begin = start;
    this.#end = start;
    this.#limit = bytes.length;
    this.#to = null;
  }

  /** A head for this connection was written from `start` on, and ends at `end`. */
  compose(to: Connection, end: number): void {
    this.#reset();
    this.#to = to;
    this.#end = end;
  }

  /** A head that was written before, and is for this connection now, stands elsewhere in `bytes`. */
  repeat(to: Connection, start: number, end: number): void {
    this.#to = to;
    this.#begin = start;
    this.#end = end;
    this.#limit = start + writtenBytesMax;
  }

  /** Behind what is here already; a large piece goes out by itself, uncopied. */
  append(to: Connection, bytes: Uint8Array, start: number, end: number): void {
    if (this.#to !== to || !this.#hasRoom(end - start)) {
      this.flush(to);
      to.write(bytes, start, end);
      return;
    }
    this.#end = copyBytes(this.bytes, this.#end, bytes, start, end);
  }

  /** The line before a chunk of so many bytes (RFC 9112 section 7.1). */
  appendChunkHead(to: Connection, length: number): void {
    if (this.#to !== to || !this.#hasRoom(chunkHeadMax)) {
      this.flush(to);
      this.compose(to, this.start);
    }
    this.#end = writeChunkHead(length, this.bytes, this.#end);
  }

  /** Whether so much more fits, if need be by taking what is here to where there is more room. */
  #hasRoom(length: number): boolean {
    if (this.#end + length <= this.#limit) return true;
    if (this.#begin === this.start) return false;
    const to = this.#to as Connection;
    this.compose(to, copyBytes(this.bytes, this.start, this.bytes, this.#begin, this.#end));
    return this.#end + length <= this.#limit;
  }

  #reset(): void {
    this.#to = null;
    this.#begin = this.start;
    this.#end = this.start;
    this.#limit = this.bytes.length;
  }

  /** Sends what is here. False: the connection holds back some, stop the source until onDrain. */
  flush(to: Connection): boolean {
    const own = this.#to === to;
    const begin = this.#begin;
    const end = this.#end;
    if (this.#to !== null) this.#reset();
    if (own && end > begin) to.write(this.bytes, begin, end);
    return to.unsent === 0;
  }
}
