// What is read of a server's response, where its body ends, and which ones are refused. Of a refused
// response the client sees 502, whatever the fault is called.
import { describe, expect, it } from "vitest";
import {
  readWhole,
  type ReadMessage,
  ResponseReading,
} from "../../../test/support/message-reading.ts";
import { lines } from "../../../test/support/message-samples.ts";
import { BodyKind } from "../body-kind.ts";
import { Method } from "../request-head.ts";
import { Fault } from "./fault.ts";

/** The first message of the answer to `method`. */
function accepted(text: string, method: Method = Method.get): ReadMessage {
  const { messages, fault } = readWhole(new ResponseReading(method), text);
  expect(fault).toBe(0);
  return messages[0] as ReadMessage;
}

/** Status and reason as read. */
function lineOf(text: string): string {
  return accepted(`${text}\r\nContent-Length: 0\r\n\r\n`).line;
}

function persists(minor: number, ...fields: string[]): unknown {
  return accepted(lines(`HTTP/1.${minor} 200 OK`, "Content-Length: 0", ...fields, "")).facts[
    "persistent"
  ];
}

function switches(status: number, method: Method): unknown {
  return accepted(lines(`HTTP/1.1 ${status} x`, "Content-Length: 0", ""), method).facts["switches"];
}

describe("finds how the body is framed", () => {
  const chunked = "Transfer-Encoding: chunked";
  const upgrade = ["Connection: upgrade", "Upgrade: websocket"];
  it.each<[string, Method, string[], BodyKind, number, boolean]>([
    ["200 OK", Method.get, ["Content-Length: 5"], BodyKind.length, 5, true],
    ["200 OK", Method.get, ["Content-Length: 0"], BodyKind.length, 0, true],
    ["200 OK", Method.get, [chunked], BodyKind.chunked, -1, true],
    ["200 OK", Method.get, [chunked, "Connection: close"], BodyKind.chunked, -1, false],
    ["200 OK", Method.get, [], BodyKind.untilClose, -1, false],
    ["500 No", Method.connect, ["Content-Length: 2"], BodyKind.length, 2, true],
    ["200 OK", Method.head, ["Content-Length: 5"], BodyKind.none, 5, true],
    ["200 OK", Method.head, [chunked], BodyKind.none, -1, true],
    ["200 OK", Method.head, [], BodyKind.none, -1, true],
    ["304 Not Modified", Method.get, ["Content-Length: 5"], BodyKind.none, 5, true],
    ["304 Not Modified", Method.get, [chunked], BodyKind.none, -1, true],
    ["204 No Content", Method.get, [], BodyKind.none, -1, true],
    ["204 No Content", Method.get, ["Content-Length: 0"], BodyKind.none, -1, true],
    // A body that must not be may follow: nothing behind it can be trusted.
    ["204 No Content", Method.get, ["Content-Length: 5"], BodyKind.none, -1, false],
    ["204 No Content", Method.get, [chunked], BodyKind.none, -1, false],
    ["103 Early Hints", Method.get, ["Content-Length: 5"], BodyKind.none, -1, false],
    ["100 Continue", Method.post, [], BodyKind.none, -1, true],
    ["101 Switching", Method.get, upgrade, BodyKind.none, -1, true],
  ])("%s, method %d, %j", (status, method, fields, kind, length, persistent) => {
    const { facts } = accepted(lines(`HTTP/1.1 ${status}`, ...fields, ""), method);
    expect([facts["kind"], facts["length"], facts["persistent"]]).toEqual([
      kind,
      length,
      persistent,
    ]);
  });

  it("and where no HTTP follows", () => {
    expect(switches(101, Method.get)).toBe(true);
    expect(switches(200, Method.connect)).toBe(true);
    expect(switches(299, Method.connect)).toBe(true);
    expect(switches(407, Method.connect)).toBe(false);
    expect(switches(200, Method.get)).toBe(false);
    expect(switches(100, Method.connect)).toBe(false);
  });
});

it("reads the status, and a reason or none", () => {
  expect(lineOf("HTTP/1.1 200 Very OK")).toBe("200 Very OK");
  expect(lineOf("HTTP/1.1 599 \x80\t")).toBe("599 \x80\t");
  expect(lineOf("HTTP/1.1 404 ")).toBe("404 ");
  expect(lineOf("HTTP/1.1 404")).toBe("404 ");
  expect(lineOf("HTTP/1.0 100 x")).toBe("100 x");
  expect(lineOf("HTTP/1.7 100 x")).toBe("100 x");
});

it("goes on with a server's connection only if that is certain", () => {
  expect(persists(1)).toBe(true);
  expect(persists(1, "Connection: Close")).toBe(false);
  // Nobody knows what it says; it may be `close`.
  expect(persists(1, 'Connection: "close"')).toBe(false);
  expect(persists(0)).toBe(false);
  expect(persists(0, "Connection: keep-alive")).toBe(true);
});

it("reads interim responses before the final one", () => {
  const { messages, fault } = readWhole(
    new ResponseReading(Method.post),
    lines("HTTP/1.1 100 Continue", "") +
      lines("HTTP/1.1 103 Early Hints", "Link: </a>", "") +
      `${lines("HTTP/1.1 200 OK", "Content-Length: 2", "")}ok`,
  );
  expect(fault).toBe(0);
  expect(messages.map(({ line, body }) => [line, body])).toEqual([
    ["100 Continue", ""],
    ["103 Early Hints", ""],
    ["200 OK", "ok"],
  ]);
});

it("takes all until the server closes, and knows what was cut off", () => {
  const untilClose = new ResponseReading();
  untilClose.feed(`${lines("HTTP/1.1 200 OK", "")}some`);
  untilClose.feed(" more\r\n\r\n");
  expect(untilClose.reading.messages).toMatchObject([{ complete: false }]);
  untilClose.end();
  expect(untilClose.reading.messages).toMatchObject([
    { body: "some more\r\n\r\n", complete: true },
  ]);
  const cutOff = new ResponseReading();
  cutOff.feed(`${lines("HTTP/1.1 200 OK", "Content-Length: 9", "")}some`);
  cutOff.end();
  expect(cutOff.reading.messages).toMatchObject([{ body: "some", complete: false }]);
});

describe("refuses", () => {
  const ok = "HTTP/1.1 200 OK";
  it.each<[Fault, string]>([
    [Fault.statusLine, "SSH-2.0-OpenSSH_9.6\r\n"],
    [Fault.statusLine, "<html>not found</html>"],
    [Fault.statusLine, "<ht"],
    [Fault.statusLine, lines("http/1.1 200 OK", "")],
    [Fault.statusLine, lines("HTTP/1.1  200 OK", "")],
    [Fault.statusLine, lines("HTTP/1.1 20 OK", "")],
    [Fault.statusLine, lines("HTTP/1.1 2000", "")],
    [Fault.statusLine, lines("HTTP/1.1 200OK", "")],
    [Fault.statusLine, lines("HTTP/1.1 200 O\0K", "")],
    [Fault.statusLine, "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"],
    [Fault.lineEnd, "HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n"],
    [Fault.status, lines("HTTP/1.1 099 x", "")],
    [Fault.status, lines("HTTP/1.1 600 x", "")],
    [Fault.versionUnsupported, lines("HTTP/2.0 200 OK", "")],
    [Fault.fold, lines(ok, "A: b", " c", "")],
    [Fault.spaceInName, lines(ok, "A : b", "")],
    [Fault.fieldValue, lines(ok, "A: \0", "")],
    [Fault.lineEnd, "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n"],
    [Fault.lengthAndCoding, lines(ok, "Content-Length: 1", "Transfer-Encoding: chunked", "")],
    [Fault.contentLengthTwice, lines(ok, "Content-Length: 1", "Content-Length: 1", "")],
    [Fault.contentLength, lines(ok, "Content-Length: 1, 1", "")],
    [Fault.codingUnknown, lines(ok, "Transfer-Encoding: gzip, chunked", "")],
    [Fault.chunkedNotLast, lines(ok, "Transfer-Encoding: chunked, gzip", "")],
    [Fault.codingInHttp10, lines("HTTP/1.0 200 OK", "Transfer-Encoding: chunked", "")],
    [Fault.connectionNames, lines(ok, "Connection: content-length", "Content-Length: 1", "")],
  ])("with fault %d %j", (fault, text) => {
    const { messages, fault: found } = readWhole(new ResponseReading(), text);
    expect(messages).toEqual([]);
    expect(found).toBe(fault);
  });

  it("what is larger than its limits, and nothing that just fits", () => {
    const head = lines(ok, "A: b", "C: d", "");
    const exactly = { headBytes: head.length, headerCount: 2 };
    const fault = (limits: typeof exactly): number =>
      readWhole(new ResponseReading(Method.get, limits), `${head}body`).fault;
    expect(fault(exactly)).toBe(0);
    expect(fault({ ...exactly, headBytes: head.length - 1 })).toBe(Fault.headTooLong);
    expect(fault({ ...exactly, headerCount: 1 })).toBe(Fault.tooManyFields);
  });
});
