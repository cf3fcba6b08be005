// Reads whole connections with the HTTP/1.1 codec as its callers do, in whatever pieces they come:
// heads with a HeadProgress once they come in more than one, bodies with a BodyReader. For tests that
// compare readings: of pieces with the whole, ours with somebody else's. Each character is one byte.
import { BodyKind } from "../../src/http/body-kind.ts";
import { BodyReader } from "../../src/http/h1/body-reader.ts";
import { type Fault, isFault, Parsed } from "../../src/http/h1/fault.ts";
import { HeadProgress } from "../../src/http/h1/head-progress.ts";
import { type RequestLimits, RequestParser } from "../../src/http/h1/request-parser.ts";
import { type ResponseLimits, ResponseParser } from "../../src/http/h1/response-parser.ts";
import { type Head, text } from "../../src/http/head.ts";
import { Method, type RequestHead } from "../../src/http/request-head.ts";
import type { ResponseHead } from "../../src/http/response-head.ts";
import { repeatRequest, repeatResponse } from "./repeating.ts";

export const roomyLimits = { headBytes: 16_384, headerCount: 100, uriBytes: 8192 } as const;

export interface ReadMessage {
  /** Method and target; or the status and its reason. */
  readonly line: string;
  readonly minor: number;
  /** All fields in their order, `name: value`; those that end here, too. */
  readonly fields: readonly string[];
  /** What else the parser has found, by name. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** The body's data. */
  body: string;
  /** The body with its framing. */
  framed: string;
  /** Lines of its trailer section. */
  trailers: readonly string[];
  complete: boolean;
}

export interface Reading {
  readonly messages: ReadMessage[];
  /** What ended it; 0: nothing, more may come. */
  fault: Fault | 0;
  /** Nothing behind this is HTTP/1.1, or nobody will read it. */
  over: boolean;
}

/** One each for all connections, as in a worker: nothing of one may be left for another. */
const requests = new RequestParser(roomyLimits);
const responses = new ResponseParser(roomyLimits);

/** Around the bytes that are there: whoever looks at them sees an end, and reads on wrongly. */
const before = "Host: before\r\n\r\n";
const behind = "\r\n\r\n0\r\n\r\n";

abstract class Connection {
  readonly reading: Reading;
  protected progress: HeadProgress | null;
  readonly #body: BodyReader;
  /** Reads the same once more, with read() instead of next(). */
  readonly #framed: BodyReader;
  #kept: string;
  #inBody: boolean;
  #feeds: number;

  constructor() {
    this.reading = { messages: [], fault: 0, over: false };
    this.progress = null;
    this.#body = new BodyReader();
    this.#framed = new BodyReader();
    this.#kept = "";
    this.#inBody = false;
    this.#feeds = 0;
  }

  /** Parses a head. Gives what the parser does. */
  protected abstract parse(bytes: Uint8Array, start: number, end: number): number;
  protected abstract readonly head: RequestHead | ResponseHead;
  protected abstract readonly headEnd: number;
  protected abstract describe(): ReadMessage;
  /** The head is a message of its own kind behind which no HTTP follows. */
  protected abstract isLast(): boolean;

  feed(piece: string): void {
    const { reading } = this;
    if (reading.over) return;
    this.#kept += piece;
    // Somewhere else each time, as places in bytes must not be remembered from turn to turn.
    const start = before.length + (this.#feeds++ % 7);
    const bytes = Buffer.from(before.padEnd(start, "\n") + this.#kept + behind, "latin1");
    const end = bytes.length - behind.length;
    let at = start;
    while (at < end && !reading.over) {
      const stop = this.#inBody ? this.#readBody(bytes, at, end) : this.#readHead(bytes, at, end);
      if (stop < 0) break;
      at = stop;
    }
    this.#kept = text(bytes, at, end);
  }

  /** The peer sends nothing more. */
  end(): void {
    const message = this.reading.messages.at(-1);
    if (message !== undefined && this.#inBody && this.#body.end()) message.complete = true;
    this.reading.over = true;
  }

  /** -1: it is not whole. */
  #readHead(bytes: Uint8Array, start: number, end: number): number {
    const verdict = this.parse(bytes, start, end);
    if (verdict === Parsed.needMore) {
      this.progress ??= new HeadProgress();
      return -1;
    }
    this.progress = null;
    if (isFault(verdict)) {
      this.#fail(verdict);
      return -1;
    }
    const { head } = this;
    const length = head.body === BodyKind.length ? head.contentLength : 0;
    this.#body.begin(head.body, length);
    this.#framed.begin(head.body, length);
    const message = this.describe();
    this.reading.messages.push(message);
    message.complete = this.#body.done;
    this.#inBody = !this.#body.done;
    if (this.isLast()) this.reading.over = true;
    else if (!this.#inBody) this.#finish();
    return this.headEnd;
  }

  #readBody(bytes: Uint8Array, start: number, end: number): number {
    const message = this.reading.messages.at(-1) as ReadMessage;
    const body = this.#body;
    let at = start;
    while (at < end && !body.done && body.fault === 0) {
      at = body.next(bytes, at, end);
      message.body += text(bytes, body.dataStart, body.dataEnd);
    }
    const framedEnd = this.#framed.read(bytes, start, end);
    if (framedEnd !== at) throw new Error(`read() stops at ${framedEnd}, next() at ${at}`);
    message.framed += text(bytes, start, at);
    if (body.fault !== 0) this.#fail(body.fault);
    if (!body.done) return at;
    message.complete = true;
    this.#inBody = false;
    if (body.kind === BodyKind.chunked) message.trailers = trailersOf(message.framed);
    this.#finish();
    return at;
  }

  #finish(): void {
    if (this.reading.messages.at(-1)?.facts["persistent"] === false) this.reading.over = true;
  }

  #fail(fault: Fault): void {
    this.reading.fault = fault;
    this.reading.over = true;
  }
}

export class RequestReading extends Connection {
  readonly #limits: RequestLimits;

  constructor(limits: RequestLimits = roomyLimits) {
    super();
    this.#limits = limits;
  }

  protected get head(): RequestHead {
    return requests.head;
  }

  protected get headEnd(): number {
    return requests.end;
  }

  protected parse(bytes: Uint8Array, start: number, end: number): number {
    requests.limits = this.#limits;
    const verdict = requests.parse(bytes, start, end, this.progress);
    if (this.progress !== null) return verdict;
    const expected = verdict === Parsed.done ? describeRequest(requests.head) : null;
    const headLength = requests.end - start;
    repeatRequest(bytes.subarray(start, end), this.#limits, (head, other, length) => {
      same(verdict, expected, headLength, other, describeRequest(head), length);
    });
    return verdict;
  }

  protected isLast(): boolean {
    return this.head.method === Method.connect || this.head.upgrades;
  }

  protected describe(): ReadMessage {
    return describeRequest(this.head);
  }
}

export class ResponseReading extends Connection {
  readonly #limits: ResponseLimits;
  readonly #method: Method;

  constructor(method: Method = Method.get, limits: ResponseLimits = roomyLimits) {
    super();
    this.#limits = limits;
    this.#method = method;
  }

  protected get head(): ResponseHead {
    return responses.head;
  }

  protected get headEnd(): number {
    return responses.end;
  }

  protected parse(bytes: Uint8Array, start: number, end: number): number {
    responses.limits = this.#limits;
    const verdict = responses.parse(bytes, start, end, this.#method, this.progress);
    if (this.progress !== null) return verdict;
    const expected = verdict === Parsed.done ? describeResponse(responses.head) : null;
    const headLength = responses.end - start;
    repeatResponse(
      bytes.subarray(start, end),
      this.#method,
      this.#limits,
      (head, other, length) => {
        same(verdict, expected, headLength, other, describeResponse(head), length);
      },
    );
    return verdict;
  }

  protected isLast(): boolean {
    return this.head.switches;
  }

  protected describe(): ReadMessage {
    return describeResponse(this.head);
  }
}

/** All in one piece. */
export function readWhole(connection: Connection, whole: string): Reading {
  connection.feed(whole);
  return connection.reading;
}

function describeRequest(head: RequestHead): ReadMessage {
  const { bytes, minor } = head;
  const method = text(bytes, head.methodStart, head.methodEnd);
  const facts = {
    method: head.method,
    host: text(bytes, head.hostStart, head.hostEnd),
    authority: text(bytes, head.hostStart, head.authorityEnd),
    path: head.pathText(),
    query: head.queryEnd === 0 ? "none" : text(bytes, head.queryStart, head.queryEnd),
    kind: head.body,
    length: head.contentLength,
    persistent: head.persistent,
    expectsContinue: head.expectsContinue,
    upgrades: head.upgrades,
    acceptsTrailers: head.acceptsTrailers,
    rewritten: head.newTarget !== null,
    dropped: droppedIn(head),
  };
  const line = `${method} ${text(bytes, head.targetStart, head.targetEnd)}`;
  return { line, minor, fields: fieldsOf(head), facts, ...noBody };
}

function describeResponse(head: ResponseHead): ReadMessage {
  const { minor } = head;
  const facts = {
    kind: head.body,
    length: head.contentLength,
    persistent: head.persistent,
    switches: head.switches,
    dropped: droppedIn(head),
  };
  const line = `${head.status} ${text(head.bytes, head.reasonStart, head.reasonEnd)}`;
  return { line, minor, fields: fieldsOf(head), facts, ...noBody };
}

/** Throws unless a head that repeats was read as the first time. */
function same(
  verdict: number,
  expected: ReadMessage | null,
  length: number,
  otherVerdict: number,
  other: ReadMessage,
  otherLength: number,
): void {
  const told = { verdict, expected, length };
  const again = { verdict: otherVerdict, expected: other, length: otherLength };
  const alike =
    verdict === otherVerdict &&
    (expected === null || JSON.stringify(told) === JSON.stringify(again));
  if (!alike) throw new Error(`${JSON.stringify(told)}, and repeated: ${JSON.stringify(again)}`);
}

const noBody = { body: "", framed: "", trailers: [], complete: false } as const;

function fieldsOf(head: Head): string[] {
  return Array.from({ length: head.count }, (_, i) => {
    const name = text(head.bytes, head.nameStart(i), head.nameEnd(i));
    return `${name}: ${head.valueText(i)}`;
  });
}

/** Indices of dropped fields. */
function droppedIn(head: Head): string {
  return Array.from({ length: head.count }, (_, i) => (head.isDropped(i) ? `${i} ` : "")).join("");
}

/** What stands behind the last chunk: data cannot be taken for it, as it ends with an empty line. */
function trailersOf(framed: string): string[] {
  let at = 0;
  for (;;) {
    const lineEnd = framed.indexOf("\r\n", at) + 2;
    const size = Number.parseInt(framed.slice(at, lineEnd), 16);
    at = lineEnd;
    if (size === 0) break;
    at += size + 2;
  }
  return framed.slice(at).split("\r\n").slice(0, -2);
}
