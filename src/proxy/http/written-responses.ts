// Responses whose heads repeat, as they went to a client: as written-requests.ts, the other way.
import type { BodyKind } from "../../http/body-kind.ts";
import type { ConnectionField } from "../../http/h1/field-writer.ts";
import { placesMax, writtenBytesMax } from "../../http/h1/repeated-heads.ts";
import type { ResponseHead } from "../../http/response-head.ts";
import type { Way } from "./route.ts";

/** One of them, and all that it depends on. */
class Written {
  /** 0: nothing is kept here. */
  edition: number;
  way: Way | null;
  connection: ConnectionField;
  framing: BodyKind;
  secure: boolean;
  /** Where it ends; it begins at the head's `writtenStart`. */
  end: number;

  constructor() {
    this.edition = 0;
    this.way = null;
    this.connection = 0;
    this.framing = 0;
    this.secure = false;
    this.end = 0;
  }
}

export class WrittenResponses {
  readonly #places: readonly Written[];

  constructor() {
    this.#places = Array.from({ length: placesMax }, () => new Written());
  }

  /** Where the head ends that was written before; 0: it must be written. */
  find(
    head: ResponseHead,
    way: Way,
    framing: BodyKind,
    connection: ConnectionField,
    secure: boolean,
  ): number {
    if (head.edition === 0) return 0;
    const written = this.#places[head.place] as Written;
    const same =
      written.edition === head.edition &&
      written.way === way &&
      written.framing === framing &&
      written.connection === connection &&
      written.secure === secure;
    return same ? written.end : 0;
  }

  /** It has just been written, to bytes[start..end). */
  keep(
    head: ResponseHead,
    way: Way,
    framing: BodyKind,
    connection: ConnectionField,
    secure: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (head.edition === 0 || !way.repeatsResponses || end - start > writtenBytesMax) return;
    const written = this.#places[head.place] as Written;
    bytes.copyWithin(head.writtenStart, start, end);
    written.edition = head.edition;
    written.way = way;
    written.connection = connection;
    written.framing = framing;
    written.secure = secure;
    written.end = head.writtenStart + end - start;
  }
}
