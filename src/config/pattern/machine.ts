// Where a pattern is found in some bytes, with its groups: runs the program from place to place with
// all its threads side by side, the preferred ones first (Pike's machine). It finds what RegExp finds:
// the leftmost match, and of those the one that the pattern prefers. For rewrites; routes only ask
// whether, see automaton.ts.
import { assertionHolds, Beside, besideOf } from "./position.ts";
import { Op, type Program } from "./program.ts";

/** Threads of one place, in the order of preference. */
interface Threads {
  count: number;
  readonly at: Int32Array;
  readonly slots: Int32Array[];
}

export class Machine {
  readonly #program: Program;
  #now: Threads;
  #next: Threads;
  /** By instruction: the place for which it was reached. */
  readonly #reached: Int32Array;
  #turn: number;
  /** Threads that are still to be followed, and their slots. */
  readonly #places: Int32Array;
  readonly #held: Int32Array[];
  /** Bytes that were looked at since it was made. */
  steps: number;

  constructor(program: Program) {
    this.#program = program;
    this.#now = newThreads(program);
    this.#next = newThreads(program);
    this.#reached = new Int32Array(program.length).fill(-1);
    this.#turn = 0;
    this.#places = new Int32Array(program.length * 2 + 2);
    this.#held = [];
    this.steps = 0;
  }

  /** The slots of the first match that begins at `from` or behind it; null: there is none. */
  find(bytes: Uint8Array, from: number): Int32Array | null {
    const { ops, first, sets, slots } = this.#program;
    let matched: Int32Array | null = null;
    this.#now.count = 0;
    this.#turn = (this.#turn + 1) | 0;
    for (let i = from; ; i++) {
      if (matched === null) this.#follow(this.#now, 0, new Int32Array(slots).fill(-1), bytes, i);
      else if (this.#now.count === 0) return matched;
      this.#turn = (this.#turn + 1) | 0;
      this.steps++;
      const { at, slots: held, count } = this.#now;
      this.#next.count = 0;
      for (let thread = 0; thread < count; thread++) {
        const place = at[thread] as number;
        const own = held[thread] as Int32Array;
        if (ops[place] === Op.match) {
          matched = own;
          // The threads behind this one are preferred less.
          break;
        }
        const isTaken =
          i < bytes.length && sets[first[place] as number]?.[bytes[i] as number] === 1;
        if (isTaken) this.#follow(this.#next, place + 1, own, bytes, i + 1);
      }
      if (i >= bytes.length) return matched;
      const last = this.#now;
      this.#now = this.#next;
      this.#next = last;
    }
  }

  /** Adds all the threads that a thread becomes before its next byte. */
  #follow(to: Threads, start: number, slots: Int32Array, bytes: Uint8Array, i: number): void {
    const { ops, first, second } = this.#program;
    const before = i === 0 ? Beside.nothing : besideOf(bytes[i - 1] as number);
    const behind = i === bytes.length ? Beside.nothing : besideOf(bytes[i] as number);
    const places = this.#places;
    const held = this.#held;
    places[0] = start;
    held[0] = slots;
    let top = 1;
    while (top > 0) {
      const at = places[--top] as number;
      let own = held[top] as Int32Array;
      if (this.#reached[at] === this.#turn) continue;
      this.#reached[at] = this.#turn;
      const op = ops[at];
      if (op === Op.byte || op === Op.match) {
        to.at[to.count] = at;
        to.slots[to.count] = own;
        to.count++;
        continue;
      }
      if (op === Op.assertion && !assertionHolds(first[at] as number, before, behind)) continue;
      if (op === Op.split) {
        places[top] = second[at] as number;
        held[top++] = own;
      }
      if (op === Op.save) {
        own = own.slice();
        own[first[at] as number] = i;
      }
      places[top] = op === Op.split || op === Op.jump ? (first[at] as number) : at + 1;
      held[top++] = own;
    }
  }
}

function newThreads({ length }: Program): Threads {
  return { count: 0, at: new Int32Array(length), slots: [] };
}
