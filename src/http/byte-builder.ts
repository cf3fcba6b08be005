// Bytes that are put together piece by piece: values of fields, targets, answers. One lives for long
// and is cleared for each use; it grows when it must, so appending allocates nothing in the long run.

const bytesAtFirst = 512;
const encoder = new TextEncoder();

export class ByteBuilder {
  /** Valid up to `length`. Replaced by a larger one when it is full. */
  bytes: Uint8Array;
  length: number;

  constructor() {
    this.bytes = new Uint8Array(bytesAtFirst);
    this.length = 0;
  }

  clear(): void {
    this.length = 0;
  }

  /** Room for so many more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  append(from: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const { bytes } = this;
    let at = this.length;
    // Most pieces are short, and for these a loop is faster than set() and subarray().
    if (end - start > 128) bytes.set(from.subarray(start, end), at);
    else for (let i = start; i < end; i++) bytes[at++] = from[i] as number;
    this.length += end - start;
  }

  all(from: Uint8Array): void {
    this.append(from, 0, from.length);
  }

  /** A text as UTF-8. */
  text(value: string): void {
    this.reserve(value.length * 3);
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        const rest = this.bytes.subarray(this.length);
        this.length += encoder.encodeInto(value.slice(i), rest).written;
        return;
      }
      this.bytes[this.length++] = code;
    }
  }

  /** A text of which each character is one byte. */
  latin1(value: string): void {
    this.reserve(value.length);
    for (let i = 0; i < value.length; i++) this.bytes[this.length++] = value.charCodeAt(i);
  }

  /** A whole number from 0 on, in decimal. */
  number(value: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    this.reserve(digits);
    this.length += digits;
    let rest = value;
    for (let at = this.length - 1; digits > 0; digits--, at--) {
      this.bytes[at] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
}
