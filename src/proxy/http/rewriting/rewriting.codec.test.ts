// Rewrites between the real parser and the real writer: what a server reads of the result.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { rewriteContext, template } from "../../../../test/support/rewriting.ts";
import { Parsed } from "../../../http/h1/fault.ts";
import { ConnectionField } from "../../../http/h1/field-writer.ts";
import { RequestParser } from "../../../http/h1/request-parser.ts";
import { writeRequest } from "../../../http/h1/request-writer.ts";
import { compileForwarding } from "./forwarding.ts";
import { compileRequestId, RequestId, RequestIds } from "./request-ids.ts";
import { compileRequestRewriter } from "./request-rewriter.ts";

const limits = { headBytes: 16_384, headerCount: 100, uriBytes: 8192 };
const parser = new RequestParser(limits);
const reader = new RequestParser(limits);
const out = new Uint8Array(32_768);
const forwarding = compileForwarding("x-forwarded");
const requestId = compileRequestId("x-request-id");
const rewriter = compileRequestRewriter([
  {
    headers: {
      set: [
        { name: "X-Seen", value: template("{header:x-a}|{cookie:c}|{query:q}|{uri}|{host}") },
        { name: "X-Fixed", value: template("1") },
      ],
      add: [],
      remove: ["x-gone", "x-secret-*"],
    },
    path: [
      { kind: "stripPrefix", prefix: "/api" },
      { kind: "replace", pattern: "[aeiou]+", with: "{$0}" },
      { kind: "addPrefix", prefix: "/v2" },
    ],
    host: template("{host}.internal"),
  },
]);

/** What the server gets; null: the parser has refused the request. */
function send(text: string): string | null {
  const sent = Buffer.from(text, "latin1");
  if (parser.parse(sent, 0, sent.length, null) !== Parsed.done) return null;
  const { head } = parser;
  const id = new RequestId();
  const context = rewriteContext({ request: head, requestId: id });
  requestId?.apply(head, id, new RequestIds(), false, 0);
  forwarding?.apply(head, context);
  rewriter?.apply(head, context);
  const end = writeRequest(head, ConnectionField.unsaid, Buffer.from("server:80"), out, 0);
  return Buffer.from(out.subarray(0, end)).toString("latin1");
}

it("writes a rewritten request as a server is to see it", () => {
  const sent = send(
    "GET http://shop.example/api/users?q=1 HTTP/1.1\r\nHost: shop.example\r\nX-A: b\r\n" +
      "X-Secret-Key: k\r\nX-Gone: g\r\nX-Forwarded-For: 10.0.0.1\r\nCookie: c=d\r\n\r\n",
  );
  expect(sent?.replace(/x-request-id: [0-9a-f-]{36}/, "x-request-id: ID")).toBe(
    "GET /v2/%7Bu%7Ds%7Be%7Drs?q=1 HTTP/1.1\r\nHost: shop.example.internal\r\nX-A: b\r\n" +
      "Cookie: c=d\r\nx-request-id: ID\r\nx-forwarded-for: 192.0.2.7\r\n" +
      "x-forwarded-proto: http\r\nx-forwarded-host: shop.example\r\nx-forwarded-port: 8080\r\n" +
      "x-seen: b|d|1|/api/users?q=1|shop.example\r\nx-fixed: 1\r\n\r\n",
  );
});

function rubbish(max: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...Array.from("abc/?&=;%2f#:@~|\\ ")) },
      fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    ),
    maxLength: max,
  });
}

it("makes of every request that passes one that passes again, with as many fields", () => {
  let passed = 0;
  fc.assert(
    fc.property(rubbish(16), rubbish(16), rubbish(16), (target, value, cookie) => {
      const sent = send(
        `GET /${target.replaceAll(/[^!-~]/g, "")} HTTP/1.1\r\nHost: a.example\r\n` +
          `X-A: ${value}\r\nCookie: c=${cookie}\r\n\r\n`,
      );
      if (sent === null) return;
      passed++;
      const again = Buffer.from(sent, "latin1");
      expect(reader.parse(again, 0, again.length, null)).toBe(Parsed.done);
      expect(reader.head.end).toBe(again.length);
      expect(reader.head.count).toBe(10);
    }),
    { seed: 4, numRuns: 200 },
  );
  expect(passed).toBeGreaterThan(20);
});
