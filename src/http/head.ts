// The head of a message, request or response: its fields as places in bytes, never as strings. Codecs
// fill it, whichever version of HTTP they speak; routing, rewriting and persistence read and change
// it; a codec writes it out again. One is filled anew for each message, so it holds nothing for long:
// the bytes are the codec's, and valid as long as that says.
import { type FieldName, knownId, sameName } from "./field-name.ts";

/** What a field's flags say. */
export const FieldFlag = {
  /** Not sent on: removed, replaced, or meant for us alone. */
  dropped: 1,
  /** Its bytes are in `added` and not in `bytes`. */
  added: 2,
} as const;

const fieldsAtFirst = 64;
const addedAtFirst = 2048;

/** Cells of one field: where its name and its value begin and end. The value has no white space around it. */
export const fieldCells = 4;

export class Head {
  /** Where the message stands. */
  bytes: Uint8Array;
  /** Fields, the dropped ones too. */
  count: number;
  /** Four a field: name start, name end, value start, value end. */
  cells: Int32Array;
  /** Of the name in lower case, see field-name.ts. */
  hashes: Int32Array;
  /** Of a known name its id, else 0. */
  ids: Uint8Array;
  flags: Uint8Array;
  /** What was added to the head stands here. */
  added: Uint8Array;
  addedLength: number;
  /** A field has another value than was read. */
  replaced: boolean;
  /** Not 0: this head repeats, see h1/repeated-heads.ts. It is the same one as long as the number is. */
  edition: number;
  /** Then: its bytes, its index among those that do, and where there is room for what it is written as. */
  length: number;
  place: number;
  writtenStart: number;

  constructor() {
    this.bytes = new Uint8Array(0);
    this.count = 0;
    this.cells = new Int32Array(fieldsAtFirst * fieldCells);
    this.hashes = new Int32Array(fieldsAtFirst);
    this.ids = new Uint8Array(fieldsAtFirst);
    this.flags = new Uint8Array(fieldsAtFirst);
    this.added = new Uint8Array(addedAtFirst);
    this.addedLength = 0;
    this.replaced = false;
    this.edition = 0;
    this.length = 0;
    this.place = 0;
    this.writtenStart = 0;
  }

  /** Empties it for another message. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.count = 0;
    this.addedLength = 0;
    this.replaced = false;
  }

  /** The codec found one more field. Gives its index. */
  push(
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    hash: number,
  ): number {
    const i = this.count;
    if (i === this.ids.length) this.#grow();
    this.count++;
    const at = i * fieldCells;
    this.cells[at] = nameStart;
    this.cells[at + 1] = nameEnd;
    this.cells[at + 2] = valueStart;
    this.cells[at + 3] = valueEnd;
    this.hashes[i] = hash;
    this.ids[i] = knownId(this.bytes, nameStart, nameEnd, hash);
    this.flags[i] = 0;
    return i;
  }

  #grow(): void {
    const fields = this.ids.length * 2;
    this.cells = copyInto(new Int32Array(fields * fieldCells), this.cells);
    this.hashes = copyInto(new Int32Array(fields), this.hashes);
    this.ids = copyInto(new Uint8Array(fields), this.ids);
    this.flags = copyInto(new Uint8Array(fields), this.flags);
  }

  /** The bytes were copied elsewhere: all places move along. */
  relocate(bytes: Uint8Array, delta: number): void {
    this.bytes = bytes;
    for (let i = 0; i < this.count; i++) {
      if (((this.flags[i] as number) & FieldFlag.added) !== 0) continue;
      for (let at = i * fieldCells; at < (i + 1) * fieldCells; at++) {
        this.cells[at] = (this.cells[at] as number) + delta;
      }
    }
  }

  /** The first field of this name from index `from` on that is not dropped; -1: none. */
  find(name: FieldName, from = 0): number {
    const { hash } = name;
    for (let i = from; i < this.count; i++) {
      if (this.hashes[i] !== hash || ((this.flags[i] as number) & FieldFlag.dropped) !== 0)
        continue;
      if (sameName(name, this.bytesOf(i), this.nameStart(i), this.nameEnd(i))) return i;
    }
    return -1;
  }

  drop(i: number): void {
    this.flags[i] = (this.flags[i] as number) | FieldFlag.dropped;
  }

  /** Drops every field of this name. True if there was one. */
  dropAll(name: FieldName): boolean {
    let i = this.find(name);
    const found = i >= 0;
    for (; i >= 0; i = this.find(name, i + 1)) this.drop(i);
    return found;
  }

  isDropped(i: number): boolean {
    return ((this.flags[i] as number) & FieldFlag.dropped) !== 0;
  }

  /** Appends a field with the value `value[start..end)`, which must be valid in a field. */
  add(name: FieldName, value: Uint8Array, start: number, end: number): void {
    const nameStart = this.addedLength;
    const valueStart = nameStart + name.bytes.length;
    this.reserve(name.bytes.length + end - start);
    this.#append(name.bytes, 0, name.bytes.length);
    this.#append(value, start, end);
    this.#pushAdded(name, nameStart, valueStart, this.addedLength);
  }

  /** Appends a field; each character of `value` is one byte. */
  addText(name: FieldName, value: string): void {
    const nameStart = this.addedLength;
    const valueStart = nameStart + name.bytes.length;
    const valueEnd = valueStart + value.length;
    this.reserve(valueEnd - nameStart);
    this.#append(name.bytes, 0, name.bytes.length);
    for (let i = 0; i < value.length; i++) this.added[valueStart + i] = value.charCodeAt(i);
    this.addedLength = valueEnd;
    this.#pushAdded(name, nameStart, valueStart, valueEnd);
  }

  /** Gives field `i` another value, in its place among the others; its name stays as it was spelled. */
  replaceValue(i: number, value: Uint8Array, start: number, end: number): void {
    const at = i * fieldCells;
    const nameStart = this.addedLength;
    const nameFrom = this.cells[at] as number;
    const nameTo = this.cells[at + 1] as number;
    const valueStart = nameStart + nameTo - nameFrom;
    const nameBytes = this.bytesOf(i);
    this.reserve(nameTo - nameFrom + end - start);
    this.#append(nameBytes, nameFrom, nameTo);
    this.#append(value, start, end);
    this.#place(i, nameStart, valueStart, this.addedLength);
    this.flags[i] = (this.flags[i] as number) | FieldFlag.added;
    this.replaced = true;
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const { added } = this;
    let at = this.addedLength;
    // Names and most values are short, and for these a loop is faster than set() and subarray().
    if (end - start > 128) added.set(bytes.subarray(start, end), at);
    else for (let i = start; i < end; i++) added[at++] = bytes[i] as number;
    this.addedLength += end - start;
  }

  #pushAdded(name: FieldName, nameStart: number, valueStart: number, valueEnd: number): void {
    const i = this.count;
    if (i === this.ids.length) this.#grow();
    this.count++;
    this.#place(i, nameStart, valueStart, valueEnd);
    this.hashes[i] = name.hash;
    this.ids[i] = name.id;
    this.flags[i] = FieldFlag.added;
  }

  #place(i: number, nameStart: number, valueStart: number, valueEnd: number): void {
    const at = i * fieldCells;
    this.cells[at] = nameStart;
    this.cells[at + 1] = valueStart;
    this.cells[at + 2] = valueStart;
    this.cells[at + 3] = valueEnd;
  }

  /** Room for so many more bytes in `added`. */
  reserve(length: number): void {
    const needed = this.addedLength + length;
    if (needed <= this.added.length) return;
    this.added = copyInto(new Uint8Array(Math.max(needed, this.added.length * 2)), this.added);
  }

  /** Where field `i` stands: `bytes`, or `added`. */
  bytesOf(i: number): Uint8Array {
    return ((this.flags[i] as number) & FieldFlag.added) === 0 ? this.bytes : this.added;
  }

  nameStart(i: number): number {
    return this.cells[i * fieldCells] as number;
  }

  nameEnd(i: number): number {
    return this.cells[i * fieldCells + 1] as number;
  }

  valueStart(i: number): number {
    return this.cells[i * fieldCells + 2] as number;
  }

  valueEnd(i: number): number {
    return this.cells[i * fieldCells + 3] as number;
  }

  /** The value, a character a byte. Allocates: for what few messages need. */
  valueText(i: number): string {
    return text(this.bytesOf(i), this.valueStart(i), this.valueEnd(i));
  }
}

/** `bytes[start..end)` as text, a character a byte. */
export function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

function copyInto<T extends Int32Array | Uint8Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
