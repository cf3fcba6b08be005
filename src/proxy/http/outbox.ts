// Where a worker composes what it writes: a head, and the bytes that follow it, in one send. One
// message at a time: whoever appends flushes before anybody else does.
import { chunkHeadMax, writeChunkHead } from "../../http/h1/chunk-writer.ts";
import { copyBytes } from "../../http/h1/copy.ts";
import type { Connection, Reactor } from "../../reactor/reactor.ts";

export class Outbox {
  readonly bytes: Uint8Array;
  /** Where to begin in it. */
  readonly start: number;
  /** Where what is composed ends: `start` when it is empty. */
  end: number;

  constructor({ scratch, scratchStart }: Reactor) {
    this.bytes = scratch;
    this.start = scratchStart;
    this.end = scratchStart;
  }

  /** Behind what is here already; a large piece goes out by itself, uncopied. */
  append(to: Connection, bytes: Uint8Array, start: number, end: number): void {
    if (this.end === this.start || this.end + end - start > this.bytes.length) {
      this.flush(to);
      to.write(bytes, start, end);
      return;
    }
    this.end = copyBytes(this.bytes, this.end, bytes, start, end);
  }

  /** The line before a chunk of so many bytes (RFC 9112 section 7.1). */
  appendChunkHead(to: Connection, length: number): void {
    if (this.end + chunkHeadMax > this.bytes.length) this.flush(to);
    this.end = writeChunkHead(length, this.bytes, this.end);
  }

  /** Sends what is here. False: the connection holds back some, stop the source until onDrain. */
  flush(to: Connection): boolean {
    const { start, end } = this;
    if (end > start) {
      this.end = start;
      to.write(this.bytes, start, end);
    }
    return to.unsent === 0;
  }
}
