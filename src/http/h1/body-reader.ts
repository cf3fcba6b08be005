// Finds where the body of a message ends, and checks its framing on the way. A connection has one for
// each direction, so it is a few numbers and keeps no bytes. What it has read may be sent on as it
// is (chunks and trailers included), or span by span of data without the framing.
import { BodyKind } from "../body-kind.ts";
import { hexValue, tokenLower } from "../characters.ts";
import { chunkFaults, ChunkState, nextChunkState } from "./chunk-grammar.ts";
import { Fault } from "./fault.ts";
import { isRefusedTrailer, refusedPrefixHash, refusedPrefixLength } from "./trailer-names.ts";

/** Digits of a chunk's size: more than 2^53 takes, so that some zeros may lead. */
const sizeDigitsMax = 16;
/** Bytes of all extensions of one body. Nobody uses them; who sends many wants to waste time. */
const extensionBytesMax = 4096;
/** Bytes of all trailers of one body. */
const trailerBytesMax = 8192;

export class BodyReader {
  kind: BodyKind;
  /** The body has ended: what follows is another message. */
  done: boolean;
  /** 0, or what is wrong with it: nothing more can be read from this connection. */
  fault: Fault | 0;
  /**
   * Bytes of data that are certain to come now, with no framing between them: of this chunk, or of
   * the body. Infinity until close.
   */
  remaining: number;
  /** Bytes of data so far. */
  dataBytes: number;
  /** What next() found: bytes[dataStart..dataEnd). */
  dataStart: number;
  dataEnd: number;
  #state: number;
  /** Of the chunk whose size line is being read. */
  #size: number;
  /** Digits of the size; bytes of the trailer's name. */
  #length: number;
  /** Of that name. */
  #hash: number;
  #extensionBytes: number;
  #trailerBytes: number;

  constructor() {
    this.kind = BodyKind.none;
    this.done = true;
    this.fault = 0;
    this.remaining = 0;
    this.dataBytes = 0;
    this.dataStart = 0;
    this.dataEnd = 0;
    this.#state = ChunkState.done;
    this.#size = 0;
    this.#length = 0;
    this.#hash = 0;
    this.#extensionBytes = 0;
    this.#trailerBytes = 0;
  }

  /** For the body of another message. `length`: of kind `length`, else of no account. */
  begin(kind: BodyKind, length: number): void {
    this.kind = kind;
    this.fault = 0;
    this.remaining = 0;
    this.dataBytes = 0;
    this.dataStart = 0;
    this.dataEnd = 0;
    this.#size = 0;
    this.#length = 0;
    this.#hash = 0;
    this.#extensionBytes = 0;
    this.#trailerBytes = 0;
    this.#state = ChunkState.data;
    if (kind === BodyKind.chunked) this.#state = ChunkState.sizeStart;
    else if (kind === BodyKind.untilClose) this.remaining = Infinity;
    else if (kind === BodyKind.length) this.remaining = length;
    this.done = kind !== BodyKind.chunked && this.remaining === 0;
    if (this.done) this.#state = ChunkState.done;
  }

  /**
   * Reads on in bytes[start..end). Gives where this message's body ends in them, at most `end`: so
   * far they may be sent on as they are. Look at `fault` and `done` then.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && !this.done && this.fault === 0) at = this.next(bytes, at, end);
    return at;
  }

  /**
   * Like read(), but stops behind the first span of data, which is bytes[dataStart..dataEnd). None
   * (both the same): all were framing, or `done`, or a `fault`.
   */
  next(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#state !== ChunkState.data) at = this.#readFraming(bytes, at, end);
    this.dataStart = at;
    this.dataEnd = at;
    if (this.#state !== ChunkState.data || this.fault !== 0 || at === end) return at;
    const here = end - at;
    const length = here < this.remaining ? here : this.remaining;
    this.dataEnd = at + length;
    this.skip(length);
    return this.dataEnd;
  }

  /** `length` bytes of data, at most `remaining`, were passed on without being shown here. */
  skip(length: number): void {
    this.dataBytes += length;
    this.remaining -= length;
    if (this.remaining > 0) return;
    if (this.kind === BodyKind.chunked) {
      this.#state = ChunkState.dataEnd;
    } else {
      this.#state = ChunkState.done;
      this.done = true;
    }
  }

  /** The peer has ended. True: so has the body; false: it is cut off. */
  end(): boolean {
    if (this.kind !== BodyKind.untilClose) return this.done;
    this.done = true;
    this.remaining = 0;
    this.#state = ChunkState.done;
    return true;
  }

  /** Reads until data comes, or the body ends, or the bytes do, or a fault is found. */
  #readFraming(bytes: Uint8Array, start: number, end: number): number {
    let state = this.#state;
    let at = start;
    while (at < end && state !== ChunkState.data && state !== ChunkState.done) {
      const byte = bytes[at] as number;
      const next = nextChunkState[state * 256 + byte] as number;
      if (next === ChunkState.bad) this.fault = chunkFaults[state] as Fault;
      else if (next === ChunkState.size) this.#addDigit(state, byte);
      else if (next >= ChunkState.extensionStart) this.#addExtension();
      else if (next === ChunkState.data) this.remaining = this.#size;
      else if (next >= ChunkState.trailerName) this.#addTrailer(state, next, byte);
      if (this.fault !== 0) break;
      at++;
      state = next;
      if (state === ChunkState.data && this.#size === 0) state = ChunkState.trailerStart;
    }
    this.#state = state;
    this.done = state === ChunkState.done;
    return at;
  }

  #addDigit(state: number, byte: number): void {
    if (state === ChunkState.sizeStart) this.#size = this.#length = 0;
    this.#size = this.#size * 16 + (hexValue[byte] as number);
    this.#length++;
    if (this.#size > Number.MAX_SAFE_INTEGER) this.fault = Fault.chunkTooLarge;
    else if (this.#length > sizeDigitsMax) this.fault = Fault.chunkSize;
  }

  #addExtension(): void {
    this.#extensionBytes++;
    if (this.#extensionBytes > extensionBytesMax) this.fault = Fault.chunkExtensionsTooLong;
  }

  #addTrailer(state: number, next: number, byte: number): void {
    this.#trailerBytes++;
    if (this.#trailerBytes > trailerBytesMax) {
      this.fault = Fault.trailersTooLong;
    } else if (next === ChunkState.trailerName) {
      if (state === ChunkState.trailerStart) this.#hash = this.#length = 0;
      this.#hash = (Math.imul(this.#hash, 31) + (tokenLower[byte] as number)) | 0;
      this.#length++;
      if (this.#length === refusedPrefixLength && this.#hash === refusedPrefixHash) {
        this.fault = Fault.trailerName;
      }
    } else if (state === ChunkState.trailerName && isRefusedTrailer(this.#hash)) {
      this.fault = Fault.trailerName;
    }
  }
}
