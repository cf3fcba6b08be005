// Requests that repeat, as they went to a server. The same head from the same client on the same way through the plan
// is the same on the wire: it is sent from where it was kept instead of being rewritten and written again. Where anything
// else may have a say (an id for each request, a cookie, a variable) nothing is kept: see Way.repeatsRequests.
import { placesMax, writtenBytesMax } from "../../http/h1/repeated-heads.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { Exchange } from "./exchange.ts";
import type { Way } from "./route.ts";

/** One of them, and all that it depends on: whether the client is trusted follows from way and client. */
class Written {
  /** 0: nothing is kept here. */
  edition: number;
  way: Way | null;
  client: string;
  bindPort: number;
  secure: boolean;
  /** Where it ends; it begins at the head's `writtenStart`. */
  end: number;

  constructor() {
    this.edition = 0;
    this.way = null;
    this.client = "";
    this.bindPort = 0;
    this.secure = false;
    this.end = 0;
  }
}

export class WrittenRequests {
  readonly #places: readonly Written[];

  constructor() {
    this.#places = Array.from({ length: placesMax }, () => new Written());
  }

  /** Where the request of an exchange ends that was written before; 0: it must be written. */
  find({ session, continued }: Exchange, head: RequestHead, way: Way): number {
    const { edition } = head;
    if (edition === 0 || continued) return 0;
    const written = this.#places[head.place] as Written;
    if (written.edition !== edition || written.way !== way) return 0;
    const { bind, clientAddress } = session;
    const same =
      written.secure === (session.tls !== null) &&
      written.bindPort === (bind.family === "unix" ? 0 : bind.port) &&
      written.client === (clientAddress.family === "unix" ? "" : clientAddress.host);
    return same ? written.end : 0;
  }

  /** It has just been written, to bytes[start..end). */
  keep(
    { session, continued }: Exchange,
    head: RequestHead,
    way: Way,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    // One that names no host gets the name of its server.
    if (head.edition === 0 || !way.repeatsRequests || continued || head.minor === 0) return;
    if (end - start > writtenBytesMax) return;
    const written = this.#places[head.place] as Written;
    const { bind, clientAddress } = session;
    bytes.copyWithin(head.writtenStart, start, end);
    written.edition = head.edition;
    written.way = way;
    written.client = clientAddress.family === "unix" ? "" : clientAddress.host;
    written.bindPort = bind.family === "unix" ? 0 : bind.port;
    written.secure = session.tls !== null;
    written.end = head.writtenStart + end - start;
  }
}
