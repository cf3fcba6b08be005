// Collects the access log's lines of one worker and hands them over in large pieces: a message to
// the thread that writes the log costs far more than a line. The worker appends, and flushes on a
// timer; nothing here knows where the bytes go.

/** Room for some two hundred lines. */
export const accessLogBufferBytes: number = 64 * 1024;

const encoder = new TextEncoder();

/** Gets whole lines; the array is its own, and its ArrayBuffer may be transferred. */
export type ShipBatch = (batch: Uint8Array<ArrayBuffer>) => void;

export class AccessLogBuffer {
  readonly #ship: ShipBatch;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** The same memory: Buffer writes text without an object for the result. */
  readonly #text: Buffer;
  #used: number;

  constructor(ship: ShipBatch, bytesMax: number = accessLogBufferBytes) {
    this.#ship = ship;
    this.#bytes = new Uint8Array(bytesMax);
    this.#text = Buffer.from(this.#bytes.buffer);
    this.#used = 0;
  }

  /** Bytes that wait for the next flush. */
  get pending(): number {
    return this.#used;
  }

  /**
   * Keeps one line, which ends in a newline. Ships what was kept before when there is no room; a
   * line that is longer than the whole buffer goes by itself.
   */
  append(line: string): void {
    const size = this.#bytes.length;
    // A UTF-16 unit is at most three bytes, so that most lines need not be measured.
    if (line.length * 3 > size - this.#used) {
      const length = Buffer.byteLength(line);
      if (length > size - this.#used) this.flush();
      if (length > size) {
        this.#ship(encoder.encode(line));
        return;
      }
    }
    this.#used += this.#text.write(line, this.#used);
  }

  /** Ships what is kept, if anything. */
  flush(): void {
    if (this.#used === 0) return;
    const batch = this.#bytes.slice(0, this.#used);
    this.#used = 0;
    this.#ship(batch);
  }
}
