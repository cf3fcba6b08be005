// Where a worker composes what it writes: a head, and the bytes that follow it, in one send. One
// message at a time: whoever appends flushes before anybody else does.
import { chunkHeadMax, writeChunkHead } from "../../http/h1/chunk-writer.ts";
import type { Connection } from "../../reactor/reactor.ts";

export class Outbox {
  readonly bytes: Uint8Array;
  /** So much of it is filled. */
  length: number;

  constructor(scratch: Uint8Array) {
    this.bytes = scratch;
    this.length = 0;
  }

  /** Behind what is here already; a large piece goes out by itself, uncopied. */
  append(to: Connection, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.length === 0 || this.length + length > this.bytes.length) {
      this.flush(to);
      to.write(bytes, start, end);
      return;
    }
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length += length;
  }

  /** The line before a chunk of so many bytes (RFC 9112 section 7.1). */
  appendChunkHead(to: Connection, length: number): void {
    if (this.length + chunkHeadMax > this.bytes.length) this.flush(to);
    this.length = writeChunkHead(length, this.bytes, this.length);
  }

  /** Sends what is here. False: the connection holds back some, stop the source until onDrain. */
  flush(to: Connection): boolean {
    const { length } = this;
    if (length > 0) {
      this.length = 0;
      to.write(this.bytes, 0, length);
    }
    return to.unsent === 0;
  }
}
