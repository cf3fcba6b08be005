// Whether a pattern is found in some bytes. The sets of places that a program can be in are states of
// an automaton, which are made when a text first leads there (Aho, Sethi, Ullman's lazy construction,
// as in RE2): from then on a byte costs two look-ups. What is kept is bounded; when it is full all is
// forgotten, and a text that always leads to new states costs what running the program costs.
import { assertionHolds, Beside, besideOf } from "./position.ts";
import { Op, type Program } from "./program.ts";
import { classesOf, isAnchored, looksBeside } from "./traits.ts";

/** Cells of the table at most, and places in all states together: 256 KiB each. */
const cellsMax = 65_536;
const placesMax = 65_536;

/** What the table says instead of a state. States begin at the second row. */
const unknown = 0;
const found = -1;
const lost = -2;

export class Automaton {
  readonly #program: Program;
  /** A pattern that holds at the beginning of the text or nowhere. */
  readonly #anchored: boolean;
  /** It has `\b` or `\B`. */
  readonly #looksBeside: boolean;
  /** Bytes that the program does not tell apart are one class. */
  readonly #classOf: Uint8Array;
  /** Of each class a byte. */
  readonly #byteOf: Uint8Array;
  /** Cells of a row: one a class, and one for the end. */
  readonly #stride: number;
  /** By state and class: where the next state's row begins, or a value from above. */
  #table: Int32Array;
  /** By state: instructions to go on at, before what needs no byte was done; and what stands before. */
  #places: Int32Array[];
  #before: number[];
  #placesKept: number;
  readonly #byHash: Map<number, number>;
  /** By instruction: the turn in which it was reached. */
  readonly #reached: Int32Array;
  #turn: number;
  readonly #stack: Int32Array;
  readonly #next: Int32Array;

  constructor(program: Program) {
    this.#program = program;
    this.#anchored = isAnchored(program);
    this.#classOf = classesOf(program);
    const classes = this.#classOf.reduce((most, each) => Math.max(most, each), 0) + 1;
    this.#byteOf = Uint8Array.from({ length: classes }, (_, i) => this.#classOf.indexOf(i));
    this.#stride = classes + 1;
    this.#looksBeside = looksBeside(program);
    this.#table = new Int32Array(this.#stride * 8);
    this.#places = [];
    this.#before = [];
    this.#placesKept = 0;
    this.#byHash = new Map();
    this.#reached = new Int32Array(program.length).fill(-1);
    this.#turn = 0;
    this.#stack = new Int32Array(program.length * 2 + 2);
    this.#next = new Int32Array(program.length + 1);
    this.#forget();
  }

  test(bytes: Uint8Array, start: number, end: number): boolean {
    let row = this.#stride;
    for (let i = start; i < end; i++) {
      const kind = this.#classOf[bytes[i] as number] as number;
      let next = this.#table[row + kind] as number;
      if (next === unknown) next = this.#step(row, kind);
      if (next < 0) return next === found;
      row = next;
    }
    const atEnd = this.#stride - 1;
    const last = this.#table[row + atEnd] as number;
    return (last === unknown ? this.#step(row, atEnd) : last) === found;
  }

  /** Only the first state is left. */
  #forget(): void {
    this.#table.fill(unknown);
    // Row 0 belongs to no state: its number means unknown.
    this.#places = [new Int32Array(0)];
    this.#before = [Beside.nothing];
    this.#placesKept = 0;
    this.#byHash.clear();
    this.#row(new Int32Array(1), Beside.nothing);
  }

  /** Where the row of a state begins. */
  #row(places: Int32Array, before: number): number {
    const hash = places.reduce((sum, place) => (Math.imul(sum, 31) + place) | 0, before);
    const known = this.#byHash.get(hash);
    if (known !== undefined && this.#before[known] === before) {
      const others = this.#places[known] as Int32Array;
      const isSame = others.length === places.length && others.every((at, i) => at === places[i]);
      if (isSame) return known * this.#stride;
    }
    const row = this.#places.push(places) * this.#stride - this.#stride;
    this.#before.push(before);
    this.#placesKept += places.length;
    this.#byHash.set(hash, row / this.#stride);
    if (row + this.#stride > this.#table.length) {
      const larger = new Int32Array(this.#table.length * 2);
      larger.set(this.#table);
      this.#table = larger;
    }
    return row;
  }

  /** What comes behind the state at `row` with a byte of that class, or with the end. */
  #step(row: number, kind: number): number {
    const state = row / this.#stride;
    const atEnd = kind === this.#stride - 1;
    const byte = atEnd ? 0 : (this.#byteOf[kind] as number);
    const behind = atEnd ? Beside.nothing : besideOf(byte);
    const { ops, first, second, sets } = this.#program;
    const places = this.#places[state] as Int32Array;
    const before = this.#before[state] as number;
    const stack = this.#stack;
    this.#turn = (this.#turn + 1) | 0;
    const turn = this.#turn;
    let count = 0;
    for (let i = 0; i < places.length; i++) {
      let top = 0;
      stack[top++] = places[i] as number;
      while (top > 0) {
        const at = stack[--top] as number;
        if (this.#reached[at] === turn) continue;
        this.#reached[at] = turn;
        switch (ops[at]) {
          case Op.match:
            return this.#note(row, kind, found);
          case Op.byte:
            if (!atEnd && sets[first[at] as number]?.[byte] === 1) this.#next[count++] = at + 1;
            break;
          case Op.split:
            stack[top++] = second[at] as number;
            stack[top++] = first[at] as number;
            break;
          case Op.jump:
            stack[top++] = first[at] as number;
            break;
          case Op.save:
            stack[top++] = at + 1;
            break;
          default:
            if (assertionHolds(first[at] as number, before, behind)) stack[top++] = at + 1;
        }
      }
    }
    if (!this.#anchored) this.#next[count++] = 0;
    if (atEnd || count === 0) return this.#note(row, kind, lost);
    const isFull =
      this.#places.length * this.#stride >= cellsMax || this.#placesKept + count > placesMax;
    if (isFull) this.#forget();
    const next = this.#row(this.#next.slice(0, count), this.#looksBeside ? behind : Beside.other);
    return isFull ? next : this.#note(row, kind, next);
  }

  #note(row: number, kind: number, next: number): number {
    this.#table[row + kind] = next;
    return next;
  }
}
