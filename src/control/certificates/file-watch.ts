// Watches the files of what is in force, and says which entries are to be read anew: soon after an
// event, and now and then without one. certificates.ts reads them. A change is waited out: files are
// read when they have stood still, and broken ones once more before that is told.
import type { Entry, Pace } from "./entry.ts";
import { FolderWatches } from "./folder-watches.ts";
import { Prints } from "./prints.ts";
import { foldersAround } from "./wanted.ts";

export class FileWatch {
  readonly #pace: Pace;
  /** Reads entries, and calls settle() or fail() of each. */
  readonly #read: (due: readonly Entry[], nowMs: number) => void;
  readonly #folders: FolderWatches;
  #entries: readonly Entry[];
  #poll: NodeJS.Timeout | undefined;
  #next: NodeJS.Timeout | undefined;
  /** When `#next` fires. */
  #nextMs: number;

  constructor(pace: Pace, read: (due: readonly Entry[], nowMs: number) => void) {
    this.#pace = pace;
    this.#read = read;
    this.#folders = new FolderWatches(() => this.#lookAt(performance.now() + pace.debounceMs));
    this.#entries = [];
    this.#poll = undefined;
    this.#next = undefined;
    this.#nextMs = Infinity;
  }

  /** Watches these and no others, and looks at once whether they have changed since they were read. */
  follow(entries: readonly Entry[]): void {
    this.close();
    this.#entries = entries;
    if (entries.length === 0) return;
    this.#watchFolders();
    this.#look();
    this.#poll = setInterval(() => {
      this.#watchFolders();
      this.#look();
    }, this.#pace.pollMs).unref();
  }

  close(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#next);
    this.#poll = undefined;
    this.#nextMs = Infinity;
    this.#folders.close();
    this.#entries = [];
  }

  #watchFolders(): void {
    this.#folders.watch(new Set(this.#entries.flatMap(({ paths }) => foldersAround(paths))));
  }

  #lookAt(ms: number): void {
    if (ms >= this.#nextMs) return;
    clearTimeout(this.#next);
    this.#nextMs = ms;
    const waitMs = Math.max(0, ms - performance.now());
    this.#next = setTimeout(() => {
      this.#nextMs = Infinity;
      this.#look();
    }, waitMs).unref();
  }

  #look(): void {
    const prints = new Prints();
    const nowMs = performance.now();
    for (const entry of this.#entries) entry.see(prints.of(entry.paths), nowMs, this.#pace);
    const due = this.#entries.filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length > 0) this.#read(due, nowMs);
    this.#lookAt(Math.min(...this.#entries.map(({ dueMs }) => dueMs)));
  }
}
