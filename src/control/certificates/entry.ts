// One bind or server whose files are watched: what is in force for it, and since when its files are
// not those any more. file-watch.ts moves it; it starts no timer and reads nothing itself.
import { type Found, pathsOf, type Wanted, type WantedPaths } from "./wanted.ts";

/** How quickly changes are followed. */
export interface Pace {
  /** After an event, before files are looked at: events come in swarms. */
  readonly debounceMs: number;
  /** So long files must stand still before they are read. */
  readonly quietMs: number;
  /** So long what is broken may be half of a change: then it is told. */
  readonly patienceMs: number;
  /** Files are looked at so often without any event. */
  readonly pollMs: number;
}

export const usualPace: Pace = {
  debounceMs: 250,
  quietMs: 1000,
  patienceMs: 5000,
  pollMs: 10_000,
};

export class Entry {
  readonly wanted: Wanted;
  found: Found;
  /** When to read its files, on performance.now()'s clock; Infinity: they have not changed. */
  dueMs: number;
  /** Its files are broken, and that was told. */
  complained: boolean;
  /** Of the files, when they were looked at last. */
  #print: string;
  /** When the change began that has not been taken yet; Infinity: there is none. */
  #sinceMs: number;

  /** `print` was taken before the files were read. */
  constructor(wanted: Wanted, found: Found, print: string) {
    this.wanted = wanted;
    this.found = found;
    this.dueMs = Infinity;
    this.complained = false;
    this.#print = print;
    this.#sinceMs = Infinity;
  }

  get paths(): WantedPaths {
    return pathsOf(this.wanted, this.found.roots);
  }

  /** Its files have this print now. */
  see(print: string, nowMs: number, { quietMs, patienceMs }: Pace): void {
    if (print === this.#print) return;
    this.#print = print;
    this.#sinceMs = Math.min(this.#sinceMs, nowMs);
    this.dueMs = Math.min(nowMs + quietMs, this.#sinceMs + patienceMs);
  }

  /** Its files have been read and were good. */
  settle(): void {
    this.#sinceMs = Infinity;
    this.dueMs = Infinity;
    this.complained = false;
  }

  /** They were broken. True: for so long that it is to be told, and then rests until the next change. */
  fail(nowMs: number, { patienceMs }: Pace): boolean {
    const endMs = this.#sinceMs + patienceMs;
    const late = nowMs >= endMs;
    this.dueMs = late ? Infinity : endMs;
    if (late) this.#sinceMs = Infinity;
    if (late) this.complained = true;
    return late;
  }
}
