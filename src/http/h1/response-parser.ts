// Reads the head of an HTTP/1.1 response (RFC 9112), in place, into one ResponseHead that serves all
// server connections of a worker. A response that could be read in two ways is refused, so that no
// client sees a part of one as another. What its body is depends on the request too.
import { BodyKind } from "../body-kind.ts";
import { inFieldValue } from "../characters.ts";
import { Method } from "../request-head.ts";
import { ResponseHead } from "../response-head.ts";
import { Fault, Parsed } from "./fault.ts";
import { FieldSection } from "./field-section.ts";
import { Framing } from "./framing.ts";
import type { HeadProgress } from "./head-progress.ts";
import type { RepeatedHeads } from "./repeated-heads.ts";
import { beginsVersion, minorVersion, versionLength } from "./version.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** `HTTP/1.1 200` */
const statusEnd = versionLength + 4;

export interface ResponseLimits {
  /** Bytes of status line and fields together. */
  readonly headBytes: number;
  readonly headerCount: number;
}

export class ResponseParser {
  /** What the last call has read, if it was `Parsed.done`. It may stand in other bytes than were given. */
  head: ResponseHead;
  /** Where in those given it ends: the body begins there. */
  end: number;
  limits: ResponseLimits;
  /** Null: every head is read. */
  readonly #repeated: RepeatedHeads<ResponseHead> | null;
  /** For a head that is read. */
  #unused: ResponseHead;
  readonly #framing: Framing;
  readonly #fields: FieldSection;
  /** Where the status line ends. */
  #lineEnd: number;

  /** `repeated`: as in RequestParser. */
  constructor(limits: ResponseLimits, repeated: RepeatedHeads<ResponseHead> | null = null) {
    this.#unused = new ResponseHead();
    this.head = this.#unused;
    this.end = 0;
    this.limits = limits;
    this.#repeated = repeated;
    this.#framing = new Framing();
    this.#fields = new FieldSection(this.#framing);
    this.#lineEnd = 0;
  }

  /**
   * Reads the message that begins at `start`, the answer to a request with `method`. Returns as
   * RequestParser.parse does, and `progress` is the same. After an interim response (1xx but 101)
   * another one follows.
   */
  parse(
    bytes: Uint8Array,
    start: number,
    end: number,
    method: Method,
    progress: HeadProgress | null,
  ): number {
    const repeated = progress === null ? this.#repeated : null;
    const found = repeated === null ? null : repeated.find(bytes, start, end);
    if (found !== null && found.method === method && this.#allows(found)) {
      this.head = found;
      this.end = start + found.length;
      return Parsed.done;
    }
    this.head = this.#unused;
    this.head.method = method;
    const verdict = this.#read(bytes, start, end, method, progress);
    this.end = this.head.end;
    if (verdict === Parsed.done && repeated !== null) {
      this.#unused = repeated.learn(this.head, start, this.end);
    }
    return verdict;
  }

  /** Whether a head that was read under other limits would pass these. */
  #allows({ length, count }: ResponseHead): boolean {
    return length <= this.limits.headBytes && count <= this.limits.headerCount;
  }

  #read(
    bytes: Uint8Array,
    start: number,
    end: number,
    method: Method,
    progress: HeadProgress | null,
  ): number {
    const { headBytes } = this.limits;
    const limit = end - start > headBytes ? start + headBytes : end;
    const verdict =
      progress === null
        ? this.#parseAll(bytes, start, limit, method)
        : this.#goOn(bytes, start, limit, method, progress);
    return verdict === Parsed.needMore && limit - start === headBytes ? Fault.headTooLong : verdict;
  }

  #goOn(
    bytes: Uint8Array,
    start: number,
    limit: number,
    method: Method,
    progress: HeadProgress,
  ): number {
    if (!progress.decides(bytes, start, limit)) return Parsed.needMore;
    const fields = this.#fields;
    if (progress.line === 0) {
      const verdict = this.#parseAll(bytes, start, limit, method);
      if (verdict !== Parsed.needMore || this.#lineEnd === 0) return verdict;
    } else {
      this.head.reset(bytes);
      this.#framing.reset();
      const countMax = this.limits.headerCount - progress.fields;
      const verdict = fields.read(this.head, start + progress.line, limit, countMax);
      if (verdict === Parsed.done) return this.#parseAll(bytes, start, limit, method);
      if (verdict !== Parsed.needMore) return verdict;
    }
    progress.line = fields.at - start;
    progress.fields += this.head.count;
    return Parsed.needMore;
  }

  #parseAll(bytes: Uint8Array, start: number, limit: number, method: Method): number {
    const { head } = this;
    const framing = this.#framing;
    head.reset(bytes);
    framing.reset();
    this.#lineEnd = 0;
    let verdict = this.#readLine(bytes, start, limit);
    if (verdict !== Parsed.done) return verdict;
    verdict = this.#fields.read(head, this.#lineEnd, limit, this.limits.headerCount);
    if (verdict !== Parsed.done) return verdict;
    head.end = this.#fields.at;
    verdict = framing.finish(head);
    return verdict === Parsed.done ? this.#frame(method) : verdict;
  }

  /** `HTTP/1.1 200 OK`; the reason may be missing, and the space before it too. */
  #readLine(bytes: Uint8Array, start: number, limit: number): number {
    const { head } = this;
    head.start = start;
    if (limit < start + statusEnd) {
      return beginsVersion(bytes, start, limit) ? Parsed.needMore : Fault.statusLine;
    }
    const minor = minorVersion(bytes, start);
    // Who sends no version at all speaks another protocol, however much of it is here.
    if (minor < 0) return minor === -Fault.version ? Fault.statusLine : -minor;
    head.minor = minor;
    if (bytes[start + versionLength] !== space) return Fault.statusLine;
    let status = 0;
    let at = start + versionLength + 1;
    for (; at < start + statusEnd; at++) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) return Fault.statusLine;
      status = status * 10 + digit;
    }
    if (status < 100 || status > 599) return Fault.status;
    head.status = status;
    if (at < limit && bytes[at] === space) at++;
    else if (at < limit && bytes[at] !== carriageReturn) return Fault.statusLine;
    head.reasonStart = at;
    while (at < limit && inFieldValue[bytes[at] as number] === 1) at++;
    head.reasonEnd = at;
    if (at === limit) return Parsed.needMore;
    if (bytes[at] !== carriageReturn) return Fault.statusLine;
    if (at + 1 === limit) return Parsed.needMore;
    if (bytes[at + 1] !== lineFeed) return Fault.lineEnd;
    this.#lineEnd = at + 2;
    return Parsed.done;
  }

  /** Where the body ends: RFC 9112 section 6.3, in its order. */
  #frame(method: Method): number {
    const { head } = this;
    const { status } = head;
    const framing = this.#framing;
    const { connection } = framing;
    head.body = BodyKind.none;
    head.contentLength = -1;
    // A list that nobody understands may have said `close`.
    head.persistent =
      !connection.closes && !connection.odd && (head.minor > 0 || connection.keepsAlive);
    if (framing.coded && head.minor === 0) return Fault.codingInHttp10;
    if (framing.coded && !framing.chunked) return Fault.coding;
    const interim = status < 200;
    head.switches = status === 101 || (method === Method.connect && status >= 200 && status < 300);
    if (head.switches) return Parsed.done;
    if (interim || status === 204) {
      // Neither may announce a body. Who does may send it too, and it is no response.
      if (framing.coded || framing.contentLength > 0) head.persistent = false;
      return Parsed.done;
    }
    if (method === Method.head || status === 304) {
      head.contentLength = framing.contentLength;
      return Parsed.done;
    }
    if (framing.coded) {
      head.body = BodyKind.chunked;
    } else if (framing.contentLength >= 0) {
      head.body = BodyKind.length;
      head.contentLength = framing.contentLength;
    } else {
      head.body = BodyKind.untilClose;
      head.persistent = false;
    }
    return Parsed.done;
  }
}
