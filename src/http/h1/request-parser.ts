// Reads the head of an HTTP/1.1 request (RFC 9112), once, in place, into one RequestHead that serves
// all connections of a worker. Every message that passes has one meaning, for us and for everybody
// behind us; everything else is refused with a fault. Body bytes are body-reader.ts' business.
import { inTarget, tokenLower } from "../characters.ts";
import { BodyKind } from "../body-kind.ts";
import { known } from "../field-name.ts";
import { Method, RequestHead } from "../request-head.ts";
import { Fault, Parsed } from "./fault.ts";
import { FieldSection } from "./field-section.ts";
import { Framing } from "./framing.ts";
import type { HeadProgress } from "./head-progress.ts";
import { methodIn } from "./method.ts";
import type { RepeatedHeads } from "./repeated-heads.ts";
import { TargetReader } from "./request-target.ts";
import { beginsVersion, isPreface, minorVersion, versionLength } from "./version.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tlsHandshake = 0x16;

/** RFC 9112 section 3 tells to answer 501 to longer ones than one knows. IANA's longest has 17. */
const methodBytesMax = 32;
/** Before a request line (RFC 9112 section 2.2): some clients send one behind a body. */
const emptyLinesMax = 4;

export interface RequestLimits {
  /** Bytes of request line and fields together. */
  readonly headBytes: number;
  readonly headerCount: number;
  /** Bytes of the request target. */
  readonly uriBytes: number;
}

export class RequestParser {
  /** What the last call has read, if it was `Parsed.done`. It may stand in other bytes than were given. */
  head: RequestHead;
  /** Where in those given it ends: the body begins there. */
  end: number;
  limits: RequestLimits;
  /** Null: every head is read. */
  readonly #repeated: RepeatedHeads<RequestHead> | null;
  /** For a head that is read. */
  #unused: RequestHead;
  readonly #framing: Framing;
  readonly #fields: FieldSection;
  readonly #target: TargetReader;
  /** Where the target's question mark stands; 0: it has none. */
  #query: number;
  /** Where the request line ends. */
  #lineEnd: number;

  /** `repeated`: of those heads that it knows, the last one that was found is given back as it was read. */
  constructor(limits: RequestLimits, repeated: RepeatedHeads<RequestHead> | null = null) {
    this.#unused = new RequestHead();
    this.head = this.#unused;
    this.end = 0;
    this.limits = limits;
    this.#repeated = repeated;
    this.#framing = new Framing();
    this.#fields = new FieldSection(this.#framing);
    this.#target = new TargetReader();
    this.#query = 0;
    this.#lineEnd = 0;
  }

  /**
   * Reads the message that begins at `start`, of which the bytes up to `end` are here; more may
   * follow its head. Gives `Parsed.done` (then `head` is filled, and `end` is where the body
   * begins), `Parsed.needMore`, or a `Fault`. After `needMore` call it again with all of the head
   * so far, at whatever place, and with a HeadProgress of that connection: null reads anew.
   */
  parse(bytes: Uint8Array, start: number, end: number, progress: HeadProgress | null): number {
    const repeated = progress === null ? this.#repeated : null;
    const found = repeated === null ? null : repeated.find(bytes, start, end);
    if (found !== null && this.#allows(found)) {
      found.newTarget = null;
      this.head = found;
      this.end = start + found.length;
      return Parsed.done;
    }
    this.head = this.#unused;
    const verdict = this.#read(bytes, start, end, progress);
    this.end = this.head.end;
    if (verdict === Parsed.done && repeated !== null) {
      this.#unused = repeated.learn(this.head, start, this.end);
    }
    return verdict;
  }

  /** Whether a head that was read under other limits would pass these. */
  #allows(head: RequestHead): boolean {
    const { headBytes, headerCount, uriBytes } = this.limits;
    return (
      head.length <= headBytes &&
      head.count <= headerCount &&
      head.targetEnd - head.targetStart <= uriBytes
    );
  }

  #read(bytes: Uint8Array, start: number, end: number, progress: HeadProgress | null): number {
    const { headBytes } = this.limits;
    const limit = end - start > headBytes ? start + headBytes : end;
    let verdict: number =
      progress === null
        ? this.#parseAll(bytes, start, limit)
        : this.#goOn(bytes, start, limit, progress);
    if (verdict === Parsed.needMore && limit - start === headBytes) {
      verdict = this.#lineEnd === 0 ? Fault.targetTooLong : Fault.headTooLong;
    }
    return verdict;
  }

  #goOn(bytes: Uint8Array, start: number, limit: number, progress: HeadProgress): number {
    const { uriBytes, headerCount, headBytes } = this.limits;
    const length = limit - start;
    if (!progress.decides(bytes, start, limit) && length < headBytes) {
      // A request line may become too long before it ends; a field only makes the head too long.
      const short = methodBytesMax + uriBytes;
      if (progress.line > 0 || length - emptyLinesMax * 2 < short) return Parsed.needMore;
    }
    const fields = this.#fields;
    if (progress.line === 0) {
      const verdict = this.#parseAll(bytes, start, limit);
      if (verdict !== Parsed.needMore || this.#lineEnd === 0) return verdict;
    } else {
      this.#lineEnd = progress.line;
      this.head.reset(bytes);
      this.#framing.reset();
      const countMax = headerCount - progress.fields;
      const verdict = fields.read(this.head, start + progress.line, limit, countMax);
      if (verdict === Parsed.done) return this.#parseAll(bytes, start, limit);
      if (verdict !== Parsed.needMore) return verdict;
    }
    progress.line = fields.at - start;
    progress.fields += this.head.count;
    return Parsed.needMore;
  }

  #parseAll(bytes: Uint8Array, start: number, limit: number): number {
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
    if (verdict !== Parsed.done) return verdict;
    if (framing.hosts > 1) return Fault.hostTwice;
    if (framing.host < 0 && head.minor > 0) return Fault.hostMissing;
    verdict = this.#target.read(head, this.#query, framing.host);
    return verdict === Parsed.done ? this.#frame() : verdict;
  }

  /** `GET /path HTTP/1.1`, and empty lines before it. */
  #readLine(bytes: Uint8Array, start: number, limit: number): number {
    const { head } = this;
    let at = start;
    while (at < limit && bytes[at] === carriageReturn) {
      if (at === start + emptyLinesMax * 2) return Fault.method;
      if (at + 1 === limit) return Parsed.needMore;
      if (bytes[at + 1] !== lineFeed) return Fault.lineEnd;
      at += 2;
    }
    head.start = at;
    head.methodStart = at;
    const methodMax = at + methodBytesMax;
    while (at < limit && tokenLower[bytes[at] as number] !== 0) at++;
    if (at > methodMax) return Fault.methodTooLong;
    if (at === limit) return Parsed.needMore;
    if (bytes[at] !== space || at === head.methodStart) {
      const tls = at === head.methodStart && bytes[at] === tlsHandshake;
      return tls ? Fault.tls : Fault.method;
    }
    head.methodEnd = at;
    head.method = methodIn(bytes, head.methodStart, at);
    at++;
    head.targetStart = at;
    while (at < limit && inTarget[bytes[at] as number] === 1) at++;
    this.#query = 0;
    if (at < limit && inTarget[bytes[at] as number] === 2) {
      this.#query = at;
      while (at < limit && inTarget[bytes[at] as number] !== 0) at++;
    }
    if (at - head.targetStart > this.limits.uriBytes) return Fault.targetTooLong;
    if (at === limit) return Parsed.needMore;
    if (bytes[at] !== space || at === head.targetStart) return Fault.target;
    head.targetEnd = at;
    return this.#readVersion(bytes, at + 1, limit);
  }

  #readVersion(bytes: Uint8Array, start: number, limit: number): number {
    const { head } = this;
    const end = start + versionLength;
    if (end > limit) return beginsVersion(bytes, start, limit) ? Parsed.needMore : Fault.version;
    const minor = minorVersion(bytes, start);
    if (minor < 0) {
      const preface =
        minor === -Fault.versionUnsupported && isPreface(bytes, head.methodStart, head.methodEnd);
      return preface ? Fault.http2 : -minor;
    }
    head.minor = minor;
    if (end === limit) return Parsed.needMore;
    if (bytes[end] !== carriageReturn) return Fault.version;
    if (end + 1 === limit) return Parsed.needMore;
    if (bytes[end + 1] !== lineFeed) return Fault.lineEnd;
    this.#lineEnd = end + 2;
    return Parsed.done;
  }

  /** What the fields say about body and connection. */
  #frame(): number {
    const { head } = this;
    const framing = this.#framing;
    if (framing.oddExpectation) return Fault.expectation;
    if (framing.connection.odd) return Fault.connection;
    head.newTarget = null;
    head.contentLength = framing.contentLength < 0 ? 0 : framing.contentLength;
    head.body = BodyKind.none;
    if (framing.coded) {
      // RFC 9112 section 6.1: the framing of such a message is faulty.
      if (head.minor === 0) return Fault.codingInHttp10;
      if (!framing.chunked) return Fault.coding;
      head.body = BodyKind.chunked;
    } else if (framing.contentLength >= 0) {
      head.body = BodyKind.length;
    }
    const empty = head.body !== BodyKind.chunked && head.contentLength === 0;
    if (head.method === Method.connect && !empty) return Fault.connectBody;
    const { connection } = framing;
    head.persistent = !connection.closes && (head.minor > 0 || connection.keepsAlive);
    head.upgrades = framing.upgrades && head.minor > 0;
    head.acceptsTrailers = framing.acceptsTrailers;
    head.expectsContinue = framing.expectsContinue && head.minor > 0 && !empty;
    // RFC 9110 section 10.1.1: ignored in HTTP/1.0; without a body there is nothing to wait for.
    if (framing.expectsContinue && !head.expectsContinue) head.dropAll(known.expect);
    return Parsed.done;
  }
}
