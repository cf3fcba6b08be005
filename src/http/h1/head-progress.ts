// How far a head was read that has not arrived whole. A connection has one only while that is so; the
// parsers use it so that a head that comes byte by byte costs no more than twice what it costs whole:
// lines that are complete are read once as they come, and all of them once more at the end.
// Offsets from the first byte of the message: the bytes may move in between.
import { inFieldValue } from "../characters.ts";

const carriageReturn = 0x0d;

export class HeadProgress {
  /** So many bytes were looked at. */
  seen: number;
  /** Where the first line begins that is not complete; 0: the start line. */
  line: number;
  /** Complete fields before it. */
  fields: number;

  constructor() {
    this.seen = 0;
    this.line = 0;
    this.fields = 0;
  }

  /** For another head. */
  reset(): void {
    this.seen = 0;
    this.line = 0;
    this.fields = 0;
  }

  /** Whether the new bytes of `bytes[start..limit)` end a line, or hold what none may hold. */
  decides(bytes: Uint8Array, start: number, limit: number): boolean {
    let at = start + this.seen;
    this.seen = limit - start;
    for (; at < limit; at++) {
      const byte = bytes[at] as number;
      if (inFieldValue[byte] === 0 && byte !== carriageReturn) return true;
    }
    return false;
  }
}
