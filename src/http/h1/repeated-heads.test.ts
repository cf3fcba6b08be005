// Heads that come again are known, and nothing else is: what differs in a single byte, what comes under other
// limits, what answers another method. (That a known head means what it meant: every test that reads
// messages by test/support/message-reading.ts.)
import { describe, expect, it } from "vitest";
import { roomyLimits } from "../../../test/support/message-reading.ts";
import { lines } from "../../../test/support/message-samples.ts";
import {
  change,
  memoryBytes,
  requestMemory,
  responseMemory,
} from "../../../test/support/repeating.ts";
import { BodyKind } from "../body-kind.ts";
import { type Head, text } from "../head.ts";
import { Method } from "../request-head.ts";
import { Fault, Parsed } from "./fault.ts";
import { RequestParser } from "./request-parser.ts";

const request = lines(
  "GET /items?id=17 HTTP/1.1",
  "Host: example.com",
  "Authorization: Bearer c2VjcmV0",
  "Accept: */*",
  "",
);
const response = lines("HTTP/1.1 200 OK", "Server: x", "Content-Length: 5", "");

/** A parser that knows heads again, and what it is fed. */
class Requests {
  readonly parser: RequestParser;
  readonly #bytes: Uint8Array;
  readonly #seen: Set<number>;

  constructor() {
    this.#bytes = new Uint8Array(memoryBytes);
    this.parser = requestMemory(this.#bytes);
    this.parser.limits = roomyLimits;
    this.#seen = new Set();
  }

  parse(message: string, at = 0): number {
    this.#bytes.set(Buffer.from(message, "latin1"), at);
    return this.parser.parse(this.#bytes, at, at + message.length, null);
  }

  /** Parses it, and tells whether it was known. */
  knows(message: string, at = 0): boolean {
    const verdict = this.parse(message, at);
    if (verdict !== Parsed.done) throw new Error(`refused: ${verdict}`);
    const { edition } = this.parser.head;
    const known = edition !== 0 && this.#seen.has(edition);
    this.#seen.add(edition);
    return known;
  }
}

function padded(length: number): string {
  return lines("GET / HTTP/1.1", "Host: a", `Pad: ${"p".repeat(length)}`, "");
}

function fieldsOf(head: Head): string[] {
  return Array.from({ length: head.count }, (_, i) => head.valueText(i));
}

describe("a request's head that comes again", () => {
  it("is known, wherever it stands and whatever was done to it", () => {
    const requests = new Requests();
    expect(requests.knows(request)).toBe(false);
    for (const at of [0, 1, 4, 63, 2000]) {
      change(requests.parser.head);
      expect(requests.knows(request, at)).toBe(true);
      const { head, end } = requests.parser;
      expect(end).toBe(at + request.length);
      expect(fieldsOf(head)).toEqual(["example.com", "Bearer c2VjcmV0", "*/*"]);
      expect([0, 1, 2].filter((i) => head.isDropped(i))).toEqual([]);
      expect(text(head.bytes, head.start, head.end)).toBe(request);
      expect(head.newTarget).toBeNull();
    }
  });

  it("is known with a body behind it, and with another request", () => {
    const requests = new Requests();
    const post = lines("POST / HTTP/1.1", "Host: a", "Content-Length: 5", "");
    requests.knows(`${post}hello`);
    expect(requests.knows(`${post}hello`)).toBe(true);
    expect(requests.parser.end).toBe(post.length);
    requests.knows(request + request);
    expect(requests.knows(request + request)).toBe(true);
    expect(requests.parser.end).toBe(request.length);
  });

  it("is another one with any byte changed", () => {
    const requests = new Requests();
    requests.knows(request);
    for (let at = 0; at < request.length; at++) {
      expect(requests.knows(request)).toBe(true);
      const byte = request.charCodeAt(at) ^ 1;
      const other = request.slice(0, at) + String.fromCharCode(byte) + request.slice(at + 1);
      const strict = new RequestParser(roomyLimits);
      const expected = strict.parse(Buffer.from(other, "latin1"), 0, other.length, null);
      expect(requests.parse(other)).toBe(expected);
      if (expected !== Parsed.done) continue;
      const { head } = requests.parser;
      expect(text(head.bytes, head.start, head.end)).toBe(other);
      expect(fieldsOf(head)).toEqual(fieldsOf(strict.head));
    }
  });

  it("is no whole one while bytes of it are missing", () => {
    const requests = new Requests();
    requests.knows(request);
    for (let length = 0; length < request.length; length++) {
      expect(requests.parse(request.slice(0, length))).toBe(Parsed.needMore);
    }
  });

  it("is refused where limits are lower than when it came first", () => {
    const requests = new Requests();
    requests.knows(request);
    const refused = [
      { ...roomyLimits, headBytes: request.length - 1 },
      { ...roomyLimits, headerCount: 2 },
      { ...roomyLimits, uriBytes: 11 },
    ];
    const allowed = { headBytes: request.length, headerCount: 3, uriBytes: 12 };
    for (const [i, limits] of refused.entries()) {
      requests.parser.limits = limits;
      expect(requests.parse(request)).toBe(
        [Fault.headTooLong, Fault.tooManyFields, Fault.targetTooLong][i],
      );
      requests.parser.limits = allowed;
      expect(requests.knows(request)).toBe(true);
    }
  });

  it("is found in the memory of receives only", () => {
    const requests = new Requests();
    requests.knows(request);
    const elsewhere = Buffer.from(request, "latin1");
    expect(requests.parser.parse(elsewhere, 0, elsewhere.length, null)).toBe(Parsed.done);
    expect(requests.parser.head.edition).toBe(0);
    expect(requests.parser.head.bytes).toBe(elsewhere);
  });

  it("gives its place to another one that comes more often", () => {
    const requests = new Requests();
    const paths = Array.from({ length: 2000 }, (_, i) => request.replace("17", `1${i}`));
    for (const path of paths) requests.knows(path);
    // Nothing has come twice until now, so it takes many tries.
    for (const path of paths.slice(0, 5)) {
      const tries = Array.from({ length: 1100 }, () => requests.knows(path));
      expect(tries.at(-1)).toBe(true);
    }
  });

  it("is not kept when it is very long, or has very many fields", () => {
    const requests = new Requests();
    const many = lines(
      "GET / HTTP/1.1",
      "Host: a",
      ...Array.from({ length: 64 }, () => "A: b"),
      "",
    );
    for (const message of [padded(5000), many]) {
      requests.knows(message);
      expect(requests.knows(message)).toBe(false);
    }
    requests.knows(padded(4000));
    expect(requests.knows(padded(4000))).toBe(true);
  });
});

it("a response's head that comes again is known as an answer to the same method", () => {
  const bytes = new Uint8Array(memoryBytes);
  const parser = responseMemory(bytes, roomyLimits);
  const parse = (method: Method): BodyKind => {
    bytes.set(Buffer.from(`${response}hello`, "latin1"));
    expect(parser.parse(bytes, 0, response.length + 5, method, null)).toBe(Parsed.done);
    expect(parser.end).toBe(response.length);
    return parser.head.body;
  };
  expect(parse(Method.get)).toBe(BodyKind.length);
  const { edition } = parser.head;
  expect(edition).toBeGreaterThan(0);
  expect(parse(Method.get)).toBe(BodyKind.length);
  expect(parser.head.edition).toBe(edition);
  expect(parse(Method.head)).toBe(BodyKind.none);
  expect(parser.head.edition).not.toBe(edition);
  expect(parse(Method.get)).toBe(BodyKind.length);
});
