// What is written is what was read, framing and this hop's fields aside.
import { expect, it } from "vitest";
import { BodyKind } from "../body-kind.ts";
import { known } from "../field-name.ts";
import { Method } from "../request-head.ts";
import { Parsed } from "./fault.ts";
import { ConnectionField } from "./field-writer.ts";
import { RequestParser } from "./request-parser.ts";
import { writeRequest } from "./request-writer.ts";
import { ResponseParser } from "./response-parser.ts";
import { writeResponse } from "./response-writer.ts";

const limits = { headBytes: 16_384, headerCount: 100, uriBytes: 8192 };
const out = new Uint8Array(4096);

function lines(...all: string[]): string {
  return all.map((line) => `${line}\r\n`).join("");
}

interface Sending {
  readonly connection?: ConnectionField;
  readonly change?: (head: RequestParser["head"]) => void;
}

function request(
  text: string,
  { connection = ConnectionField.unsaid, change }: Sending = {},
): string {
  const parser = new RequestParser(limits);
  const bytes = Buffer.from(text, "latin1");
  expect(parser.parse(bytes, 0, bytes.length, null)).toBe(Parsed.done);
  change?.(parser.head);
  const end = writeRequest(parser.head, connection, Buffer.from("fallback:8080"), out, 0);
  return Buffer.from(out.subarray(0, end)).toString("latin1");
}

interface Answering {
  readonly connection?: ConnectionField;
  readonly method?: Method;
  readonly change?: (head: ResponseParser["head"]) => void;
}

function response(text: string, options: Answering = {}): string {
  const { connection = ConnectionField.unsaid, method = Method.get, change } = options;
  const parser = new ResponseParser(limits);
  const bytes = Buffer.from(text, "latin1");
  expect(parser.parse(bytes, 0, bytes.length, method, null)).toBe(Parsed.done);
  change?.(parser.head);
  const end = writeResponse(parser.head, parser.head.body, connection, out, 0);
  return Buffer.from(out.subarray(0, end)).toString("latin1");
}

it("sends a request on byte by byte, spelling and spaces too", () => {
  const text = lines("GET /a?b=c HTTP/1.1", "Host: x:80", "x-EMPTY:", "A:\t b", "Accept: */*", "");
  expect(request(text)).toBe(text);
});

it("leaves out what is meant for this hop, and what Connection names", () => {
  const text = lines(
    "GET / HTTP/1.1",
    "Host: x",
    "Connection: keep-alive, foo",
    "Foo: 1",
    "Keep-Alive: timeout=5",
    "Accept: */*",
    "Proxy-Connection: keep-alive",
    "FOO: 2",
    "HTTP2-Settings: AAMAAABkAAQAAP__",
    "",
  );
  expect(request(text)).toBe(lines("GET / HTTP/1.1", "Host: x", "Accept: */*", ""));
});

it("does not let Connection take away what servers decide by", () => {
  const named = [
    "Cookie: a=b",
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Tls: 1",
    "Authorization: x",
  ];
  const text = lines(
    "GET / HTTP/1.1",
    "Host: x",
    "Connection: cookie, x-forwarded-for, x-forwarded-tls, authorization",
    ...named,
    "",
  );
  expect(request(text)).toBe(lines("GET / HTTP/1.1", "Host: x", ...named, ""));
});

it("writes framing anew, in one way", () => {
  const length = lines("POST / HTTP/1.1", "Content-LENGTH:  007  ", "Host: x", "");
  expect(request(length)).toBe(lines("POST / HTTP/1.1", "Host: x", "content-length: 7", ""));
  const chunked = lines("POST / HTTP/1.1", "Transfer-Encoding: Chunked", "Host: x", "");
  expect(request(chunked)).toBe(
    lines("POST / HTTP/1.1", "Host: x", "transfer-encoding: chunked", ""),
  );
  const nothing = lines("POST / HTTP/1.1", "Host: x", "Content-Length: 0", "");
  expect(request(nothing)).toBe(lines("POST / HTTP/1.1", "Host: x", "content-length: 0", ""));
});

it("writes what rewriting has made of target and fields", () => {
  const text = lines("GET /old HTTP/1.1", "Host: x", "A: 1", "B: 2", "");
  const written = request(text, {
    change: (head) => {
      head.newTarget = Buffer.from("/new?q");
      head.drop(1);
      head.addText(known["x-forwarded-for"], "10.0.0.1");
    },
  });
  expect(written).toBe(
    lines("GET /new?q HTTP/1.1", "Host: x", "B: 2", "x-forwarded-for: 10.0.0.1", ""),
  );
});

it("sends an absolute target on in origin form", () => {
  for (const [sent, written] of [
    ["GET http://x/p?q", "GET /p?q"],
    ["GET http://x", "GET /"],
    ["GET http://x?q", "GET /?q"],
    ["OPTIONS http://x", "OPTIONS *"],
    ["OPTIONS *", "OPTIONS *"],
  ] as const) {
    expect(request(lines(`${sent} HTTP/1.1`, "Host: x", ""))).toBe(
      lines(`${written} HTTP/1.1`, "Host: x", ""),
    );
  }
});

it("speaks HTTP/1.1 with a host, whatever the client said", () => {
  expect(request(lines("GET / HTTP/1.0", ""))).toBe(
    lines("GET / HTTP/1.1", "host: fallback:8080", ""),
  );
  expect(request(lines("GET http://y:1/ HTTP/1.0", ""))).toBe(
    lines("GET / HTTP/1.1", "host: y:1", ""),
  );
  expect(request(lines("GET / HTTP/1.2", "Host: x", ""))).toBe(
    lines("GET / HTTP/1.1", "Host: x", ""),
  );
});

it("passes an upgrade on when it is told to, and names TE where it is sent", () => {
  const text = lines("GET / HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket", "");
  expect(request(text)).toBe(lines("GET / HTTP/1.1", "Host: x", ""));
  expect(request(text, { connection: ConnectionField.upgrade })).toBe(
    lines("GET / HTTP/1.1", "Host: x", "Upgrade: websocket", "connection: upgrade", ""),
  );
  const te = lines("GET / HTTP/1.1", "Host: x", "TE: deflate;q=0.5, trailers", "");
  expect(request(te, { connection: ConnectionField.close })).toBe(
    lines("GET / HTTP/1.1", "Host: x", "connection: close, te", "te: trailers", ""),
  );
});

it("says so when a head does not fit, wherever it ends", () => {
  const text = lines("GET /a?b=c HTTP/1.1", "Host: x:80", "Connection: te", "TE: trailers", "");
  const parser = new RequestParser(limits);
  const bytes = Buffer.from(text, "latin1");
  parser.parse(bytes, 0, bytes.length, null);
  parser.head.addText(known.via, "v".repeat(50));
  const write = (room: Uint8Array): number =>
    writeRequest(parser.head, ConnectionField.close, bytes, room, 0);
  const length = write(out);
  for (let size = 0; size < length; size++) expect(write(new Uint8Array(size))).toBe(-1);
  expect(write(new Uint8Array(length + 128))).toBe(length);
});

it("sends a response on as it came, and frames it anew", () => {
  const text = lines("HTTP/1.1 200 Very OK", "Server: x", "Set-Cookie: a", "Set-Cookie: b");
  expect(response(`${text}Content-Length: 5\r\n\r\n`)).toBe(`${text}content-length: 5\r\n\r\n`);
  expect(response(lines("HTTP/1.0 404", "Server: x", ""))).toBe(
    lines("HTTP/1.1 404 ", "Server: x", ""),
  );
  expect(response(lines("HTTP/1.1 200 ", "Content-Length: 9", ""), { method: Method.head })).toBe(
    lines("HTTP/1.1 200 ", "content-length: 9", ""),
  );
  expect(response(lines("HTTP/1.1 204 ", "Content-Length: 0", ""))).toBe(
    lines("HTTP/1.1 204 ", ""),
  );
});

it("writes a changed status, and a body that is framed otherwise", () => {
  const text = lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Server: x", "");
  const written = response(text, {
    connection: ConnectionField.close,
    change: (head) => {
      head.body = BodyKind.untilClose;
      head.status = 203;
    },
  });
  expect(written).toBe(lines("HTTP/1.1 203 OK", "Server: x", "connection: close", ""));
});
