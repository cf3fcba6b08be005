// The last line that a program prints, whatever it prints and however much: exec-probe.ts feeds it
// everything and keeps of it what a log line can show.

/** Enough for a line that is shown, with what may follow it: line ends, blanks. */
const keptBytes = 4096;
const shownMax = 200;

export class LastLine {
  /** Bytes fed so far. */
  bytes: number;
  #tail: Buffer;

  constructor() {
    this.bytes = 0;
    this.#tail = Buffer.alloc(0);
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    const tail = chunk.length >= keptBytes ? chunk : Buffer.concat([this.#tail, chunk]);
    this.#tail = Buffer.from(tail.subarray(-keptBytes));
  }

  /** The last line that is not blank: printable, at most 200 characters; empty without one. */
  text(): string {
    const lines = this.#tail.toString().split(/[\r\n]+/);
    const last = lines.findLast((line) => line.trim() !== "") ?? "";
    // Control characters, and what is no character at all, could forge or garble a log line.
    return last
      .replaceAll(/[\p{C}\p{Zl}\p{Zp}\ufffd]+/gu, " ")
      .trim()
      .slice(0, shownMax);
  }
}
