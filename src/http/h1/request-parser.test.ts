// Which requests pass and what is read of them, and which are refused, with the status that the client
// is told.
import { describe, expect, it } from "vitest";
import {
  readWhole,
  type ReadMessage,
  RequestReading,
  roomyLimits,
} from "../../../test/support/message-reading.ts";
import { lines } from "../../../test/support/message-samples.ts";
import { BodyKind } from "../body-kind.ts";
import { Fault, faults, isFault } from "./fault.ts";
import type { RequestLimits } from "./request-parser.ts";

/** `GET / HTTP/1.1` with these fields behind its Host. */
function get(...fields: string[]): string {
  return lines("GET / HTTP/1.1", "Host: x", ...fields, "");
}

/** The only message in it. */
function accepted(text: string, limits: RequestLimits = roomyLimits): ReadMessage {
  const { messages, fault } = readWhole(new RequestReading(limits), text);
  expect(fault).toBe(0);
  expect(messages).toHaveLength(1);
  return messages[0] as ReadMessage;
}

/** Status and fault of what must be refused before anything of it is passed on. */
function refused(text: string, limits: RequestLimits = roomyLimits): [number, Fault] {
  const { messages, fault } = readWhole(new RequestReading(limits), text);
  expect(messages).toEqual([]);
  if (!isFault(fault)) throw new Error(`not refused: ${JSON.stringify(text)}`);
  return [faults[fault].status, fault];
}

/** Host, authority, path and query of a request with this line. */
function targetParts(line: string, host: string): unknown[] {
  const { facts } = accepted(lines(`${line} HTTP/1.1`, `Host: ${host}`, ""));
  return [facts["host"], facts["authority"], facts["path"], facts["query"]];
}

/** Kind and length of the body. */
function framing(...fields: string[]): unknown[] {
  const { facts } = accepted(get(...fields));
  return [facts["kind"], facts["length"]];
}

function persists(minor: number, ...fields: string[]): unknown {
  return accepted(lines(`GET / HTTP/1.${minor}`, "Host: x", ...fields, "")).facts["persistent"];
}

function upgrades(...fields: string[]): unknown {
  return accepted(get(...fields)).facts["upgrades"];
}

/** Whether 100 is waited for, and which fields are dropped. */
function expectation(...fields: string[]): unknown[] {
  const { facts } = accepted(get("Expect: 100-Continue", ...fields));
  return [facts["expectsContinue"], facts["dropped"]];
}

describe("refuses", () => {
  it.each<[what: string, status: number, fault: Fault, text: string]>([
    [
      "both lengths",
      400,
      Fault.lengthAndCoding,
      get("Content-Length: 1", "Transfer-Encoding: chunked"),
    ],
    [
      "both, turned round",
      400,
      Fault.lengthAndCoding,
      get("Transfer-Encoding: chunked", "Content-Length: 0"),
    ],
    [
      "two different lengths",
      400,
      Fault.contentLengthTwice,
      get("Content-Length: 1", "content-length: 2"),
    ],
    [
      "the same length twice",
      400,
      Fault.contentLengthTwice,
      get("Content-Length: 1", "Content-Length: 1"),
    ],
    ["a list of lengths", 400, Fault.contentLength, get("Content-Length: 1, 1")],
    ["a length with a sign", 400, Fault.contentLength, get("Content-Length: +1")],
    ["a length below zero", 400, Fault.contentLength, get("Content-Length: -1")],
    ["a hexadecimal length", 400, Fault.contentLength, get("Content-Length: 0x1")],
    ["an empty length", 400, Fault.contentLength, get("Content-Length:")],
    ["a length with space in it", 400, Fault.contentLength, get("Content-Length: 1 1")],
    [
      "a length beyond 2^53 - 1",
      413,
      Fault.contentLengthTooLarge,
      get("Content-Length: 9007199254740992"),
    ],
    [
      "a length beyond all numbers",
      413,
      Fault.contentLengthTooLarge,
      get(`Content-Length: ${"9".repeat(400)}`),
    ],
  ])("%s: %d", (_what, status, fault, text) => {
    expect(refused(text)).toEqual([status, fault]);
  });

  it.each<[status: number, fault: Fault, value: string]>([
    [501, Fault.codingUnknown, "gzip"],
    [501, Fault.codingUnknown, "identity"],
    [501, Fault.codingUnknown, "xchunked"],
    [501, Fault.codingUnknown, "gzip, chunked"],
    [501, Fault.codingUnknown, "gzip\r\nTransfer-Encoding: chunked"],
    [400, Fault.chunkedNotLast, "chunked, gzip"],
    [400, Fault.chunkedNotLast, "chunked, chunked"],
    [400, Fault.chunkedNotLast, "chunked\r\ntransfer-encoding: chunked"],
    [400, Fault.coding, ""],
    [400, Fault.coding, ", chunked"],
    [400, Fault.coding, "chunked,"],
    [400, Fault.coding, "chunked;q=1"],
    [400, Fault.coding, '"chunked"'],
    [400, Fault.coding, "chunked chunked"],
    [400, Fault.fieldValue, "\x0bchunked"],
  ])("with %d fault %d the coding %j", (status, fault, value) => {
    expect(refused(get(`Transfer-Encoding: ${value}`))).toEqual([status, fault]);
  });

  it.each<[what: string, fault: Fault, text: string]>([
    ["a folded field", Fault.fold, get("A: b", " c")],
    ["a field folded by a tab", Fault.fold, get("A: b", "\tc")],
    ["a fold before all fields", Fault.fold, lines("GET / HTTP/1.1", " Host: x", "")],
    ["space before the colon", Fault.spaceInName, get("A : b")],
    ["a tab before the colon", Fault.spaceInName, get("Content-Length\t: 1")],
    ["space in a name", Fault.spaceInName, get("A B: c")],
    ["a field without a name", Fault.fieldName, get(": b")],
    ["a name that is no token", Fault.fieldName, get("A(): b")],
    ["a name beyond ASCII", Fault.fieldName, get("\xc3\x84: b")],
    ["NUL in a name", Fault.fieldName, get("A\0: b")],
    ["NUL in a value", Fault.fieldValue, get("A: b\0c")],
    ["a control byte in a value", Fault.fieldValue, get("A: b\x01")],
    ["DEL in a value", Fault.fieldValue, get("A: b\x7f")],
    ["a bare CR in a value", Fault.lineEnd, get("A: b\rC: d")],
    ["a bare CR at a value's end", Fault.lineEnd, get("A: b\r")],
    ["a bare LF behind a value", Fault.lineEnd, "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"],
    ["a bare LF behind the head", Fault.lineEnd, "GET / HTTP/1.1\r\nHost: x\r\n\nA: b\r\n\r\n"],
    ["a bare CR behind the head", Fault.lineEnd, "GET / HTTP/1.1\r\nHost: x\r\n\rA: b\r\n\r\n"],
    ["a bare CR behind the request line", Fault.lineEnd, "GET / HTTP/1.1\rHost: x\r\n\r\n"],
    ["a line that is no field", Fault.lineEnd, get("nothing")],
    [
      "chunks in HTTP/1.0",
      Fault.codingInHttp10,
      lines("GET / HTTP/1.0", "Transfer-Encoding: chunked", ""),
    ],
    ["Connection that is no list of tokens", Fault.connection, get("Connection: a b")],
    ["more options than anybody needs", Fault.connection, get(`Connection: ${"a,".repeat(33)}`)],
    ["Connection that names Host", Fault.connectionNames, get("Connection: host")],
    [
      "Connection that names the length",
      Fault.connectionNames,
      get("Connection: close, Content-Length"),
    ],
    [
      "Connection that names the coding",
      Fault.connectionNames,
      get("Connection: transfer-encoding"),
    ],
  ])("%s: 400", (_what, fault, text) => {
    expect(refused(text)).toEqual([400, fault]);
  });

  it("what it cannot do with 417", () => {
    expect(refused(get("Expect: 200-ok"))).toEqual([417, Fault.expectation]);
    expect(refused(get("Expect: 100-continue, more"))).toEqual([417, Fault.expectation]);
  });

  it.each<[status: number, fault: Fault, text: string]>([
    [400, Fault.target, "GET /\r\n\r\n"],
    [400, Fault.target, lines("GET  / HTTP/1.1", "Host: x", "")],
    [400, Fault.version, lines("GET /  HTTP/1.1", "Host: x", "")],
    [400, Fault.version, lines("GET / HTTP/1.1 ", "Host: x", "")],
    [400, Fault.version, lines("GET / http/1.1", "Host: x", "")],
    [400, Fault.version, lines("GET / HTTP/1.10", "Host: x", "")],
    [400, Fault.version, lines("GET / HTTP/11", "Host: x", "")],
    [400, Fault.version, "GET / HTTP/1.1\nHost: x\r\n\r\n"],
    [505, Fault.versionUnsupported, lines("GET / HTTP/2.0", "Host: x", "")],
    [505, Fault.versionUnsupported, lines("GET / HTTP/0.9", "Host: x", "")],
    [505, Fault.http2, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    [400, Fault.tls, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    [400, Fault.method, lines(" GET / HTTP/1.1", "Host: x", "")],
    [400, Fault.method, "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"],
    [400, Fault.method, lines("G(T / HTTP/1.1", "Host: x", "")],
    [400, Fault.method, lines("GET\t/ HTTP/1.1", "Host: x", "")],
    [400, Fault.lineEnd, "\rGET / HTTP/1.1\r\nHost: x\r\n\r\n"],
    [501, Fault.methodTooLong, lines(`${"M".repeat(33)} / HTTP/1.1`, "Host: x", "")],
    [400, Fault.target, lines("GET /a#b HTTP/1.1", "Host: x", "")],
    [400, Fault.target, lines("GET /\x80 HTTP/1.1", "Host: x", "")],
    [400, Fault.target, lines("GET /\0 HTTP/1.1", "Host: x", "")],
    [400, Fault.target, lines("GET /a?\x7f HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("GET a HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("GET * HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("OPTIONS ** HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("GET x:443 HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("GET ftp://x/ HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("CONNECT / HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("CONNECT x HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("CONNECT x: HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("CONNECT x:0 HTTP/1.1", "Host: x", "")],
    [400, Fault.targetForm, lines("CONNECT http://x:1/ HTTP/1.1", "Host: x", "")],
    [400, Fault.connectBody, lines("CONNECT x:1 HTTP/1.1", "Host: x:1", "Content-Length: 1", "")],
    [
      400,
      Fault.connectBody,
      lines("CONNECT x:1 HTTP/1.1", "Host: x:1", "Transfer-Encoding: chunked", ""),
    ],
  ])("with %d fault %d the request line of %j", (status, fault, text) => {
    expect(refused(text)).toEqual([status, fault]);
  });

  it("a fifth empty line before a request", () => {
    const line = lines("GET / HTTP/1.1", "Host: x", "");
    expect(accepted("\r\n".repeat(4) + line).line).toBe("GET /");
    expect(refused("\r\n".repeat(5) + line)).toEqual([400, Fault.method]);
  });

  it.each<[fault: Fault, line: string, hosts: string[]]>([
    [Fault.hostMissing, "GET /", []],
    [Fault.hostMissing, "GET http://x/", []],
    [Fault.hostTwice, "GET /", ["x", "y"]],
    [Fault.hostTwice, "GET /", ["x", "x"]],
    [Fault.host, "GET /", ["x y"]],
    [Fault.host, "GET /", ["x, y"]],
    [Fault.host, "GET /", ["x/y"]],
    [Fault.host, "GET /", ["user@x"]],
    [Fault.host, "GET /", ["x%2e"]],
    [Fault.host, "GET /", ["x:80a"]],
    [Fault.host, "GET /", ["x:65536"]],
    [Fault.host, "GET /", ["x:1:2"]],
    [Fault.host, "GET /", [":80"]],
    [Fault.host, "GET /", ["[::1"]],
    [Fault.host, "GET /", ["[]"]],
    [Fault.host, "GET /", ["[::1]a"]],
    [Fault.host, "GET /", ["\xe4"]],
    [Fault.host, "GET http:///", ["x"]],
    [Fault.host, "GET http://user@x/", ["x"]],
    [Fault.hostMismatch, "GET http://x/", ["y"]],
    [Fault.hostMismatch, "GET http://x:81/", ["x"]],
    [Fault.hostMismatch, "GET https://x/", ["x:80"]],
    [Fault.hostMismatch, "GET http://x/", [""]],
    [Fault.hostMismatch, "CONNECT x:443", ["y:443"]],
    [Fault.hostMismatch, "CONNECT x:443", ["x:444"]],
  ])("with fault %d the target %j for the hosts %j", (fault, line, hosts) => {
    const text = lines(`${line} HTTP/1.1`, ...hosts.map((host) => `Host: ${host}`), "");
    expect(refused(text)).toEqual([400, fault]);
  });

  it("what is larger than its limits, and nothing that just fits", () => {
    const head = get("A: b");
    const exactly = { headBytes: head.length, headerCount: 2, uriBytes: 1 };
    expect(accepted(head, exactly).fields).toEqual(["Host: x", "A: b"]);
    expect(refused(head, { ...exactly, headBytes: head.length - 1 })).toEqual([
      431,
      Fault.headTooLong,
    ]);
    expect(refused(head, { ...exactly, headerCount: 1 })).toEqual([431, Fault.tooManyFields]);
    expect(refused(lines("GET /a HTTP/1.1", "Host: x", ""), exactly)).toEqual([
      414,
      Fault.targetTooLong,
    ]);
    // Nothing of these has ended, and nothing more is waited for.
    expect(refused(`GET /${"a".repeat(99)}`, exactly)).toEqual([414, Fault.targetTooLong]);
    expect(refused(`GET / HTTP/1.1\r\nA: ${"a".repeat(99)}`, exactly)).toEqual([
      431,
      Fault.headTooLong,
    ]);
  });
});

describe("passes", () => {
  it("the forms of a target, and finds host, path and query", () => {
    expect(targetParts("GET /a?b?c", "x:80")).toEqual(["x", "x:80", "/a", "b?c"]);
    expect(targetParts("GET /?", "[::1]:8080")).toEqual(["[::1]", "[::1]:8080", "/", ""]);
    expect(targetParts("GET //y/z", "")).toEqual(["", "", "//y/z", "none"]);
    expect(targetParts("GET HTTP://X.example/p", "x.EXAMPLE:80")).toEqual([
      "X.example",
      "X.example",
      "/p",
      "none",
    ]);
    expect(targetParts("GET https://x", "x:443")).toEqual(["x", "x", "", "none"]);
    expect(targetParts("GET http://x?q", "x")).toEqual(["x", "x", "", "q"]);
    expect(targetParts("OPTIONS *", "x")).toEqual(["x", "x", "*", "none"]);
    expect(targetParts("CONNECT x:443", "x:443")).toEqual(["x", "x:443", "", "none"]);
    expect(targetParts("CONNECT x:443", "x")).toEqual(["x", "x:443", "", "none"]);
  });

  it("HTTP/1.0 without a host, and higher minor versions as 1.1", () => {
    expect(accepted(lines("GET / HTTP/1.0", "")).minor).toBe(0);
    expect(accepted(lines("GET / HTTP/1.9", "Host: x", "")).minor).toBe(1);
  });

  it("bodies by what announces them", () => {
    expect(framing()).toEqual([BodyKind.none, 0]);
    expect(framing("Content-Length: 0")).toEqual([BodyKind.length, 0]);
    expect(framing("Content-Length: \t 007 ")).toEqual([BodyKind.length, 7]);
    expect(framing("Content-Length: 9007199254740991")).toEqual([BodyKind.length, 2 ** 53 - 1]);
    expect(framing("transfer-ENCODING:CHUNKED")).toEqual([BodyKind.chunked, 0]);
  });

  it("who goes on with the connection", () => {
    expect(persists(1)).toBe(true);
    expect(persists(1, "Connection: foo", "Connection: , CLOSE")).toBe(false);
    expect(persists(1, "Connection: keep-alive, close")).toBe(false);
    expect(persists(0)).toBe(false);
    expect(persists(0, "Connection: Keep-Alive")).toBe(true);
    expect(persists(0, "Connection: keep-alive, close")).toBe(false);
  });

  it("upgrades, but none to HTTP/2", () => {
    expect(upgrades("Connection: upgrade", "Upgrade: websocket")).toBe(true);
    expect(upgrades("Upgrade: websocket")).toBe(false);
    expect(upgrades("Connection: upgrade")).toBe(false);
    expect(upgrades("Connection: upgrade", "Upgrade: websocket, h2c")).toBe(false);
    const old = lines("GET / HTTP/1.0", "Connection: upgrade", "Upgrade: websocket", "");
    expect(accepted(old).facts["upgrades"]).toBe(false);
  });

  it("an expectation where there is a body to wait with, and drops it where there is none", () => {
    expect(expectation("A: b")).toEqual([false, "1 "]);
    expect(expectation("Content-Length: 5")).toEqual([true, "2 "]);
    expect(expectation("Transfer-Encoding: chunked")).toEqual([true, "2 "]);
  });

  it("white space around values, and bytes beyond ASCII in them", () => {
    expect(accepted(get("a:  b \t c \t", "B:", "C: \t", "D:\x80\xff")).fields).toEqual([
      "Host: x",
      "a: b \t c",
      "B: ",
      "C: ",
      "D: \x80\xff",
    ]);
  });
});
