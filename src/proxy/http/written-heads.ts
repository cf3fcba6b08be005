// Heads that repeat, as they went to the other side: what is the same in all that has a say in it is the same on the
// wire, and is sent from where it was kept instead of being rewritten and written again. Whoever writes heads says
// what has a say: requesting.ts and responding.ts. Where it is anything that changes from one message to the next (an
// id, a cookie, a variable), nothing is kept: see Way.
import { placesMax, writtenBytesMax } from "../../http/h1/repeated-heads.ts";
import type { Head } from "../../http/head.ts";
import type { Way } from "./route.ts";

/** One of them, and what it depends on. */
class Written {
  /** 0: nothing is kept here. */
  edition: number;
  way: Way | null;
  client: string;
  variant: number;
  /** Where it ends; it begins at the head's `writtenStart`. */
  end: number;

  constructor() {
    this.edition = 0;
    this.way = null;
    this.client = "";
    this.variant = 0;
    this.end = 0;
  }
}

export class WrittenHeads {
  readonly #places: readonly Written[];

  constructor() {
    this.#places = Array.from({ length: placesMax }, () => new Written());
  }

  /**
   * Where the head ends that was written before; 0: it must be written. `client`: its address, if that is written;
   * `variant`: all else that has a say, as one number.
   */
  find({ edition, place }: Head, way: Way, client: string, variant: number): number {
    if (edition === 0) return 0;
    const written = this.#places[place] as Written;
    if (written.edition !== edition || written.way !== way) return 0;
    return written.variant === variant && written.client === client ? written.end : 0;
  }

  /** It has just been written, to bytes[start..end), and nothing else had a say in it. */
  keep(
    head: Head,
    way: Way,
    client: string,
    variant: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (head.edition === 0 || end - start > writtenBytesMax) return;
    const written = this.#places[head.place] as Written;
    bytes.copyWithin(head.writtenStart, start, end);
    written.edition = head.edition;
    written.way = way;
    written.client = client;
    written.variant = variant;
    written.end = head.writtenStart + end - start;
  }
}
