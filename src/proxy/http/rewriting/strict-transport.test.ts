// Strict-Transport-Security: once on every answer to a client that speaks TLS, whoever makes the answer,
// and on no other.
import { describe, expect, it } from "vitest";
import { type Field, fieldLines, responseHead } from "../../../../test/support/heads.ts";
import { rewriteContext, template } from "../../../../test/support/rewriting.ts";
import { AnswerConnection } from "./answer-bytes.ts";
import { ErrorAnswers } from "./error-answers.ts";
import { type LocalAnswer, redirectAnswer, respondAnswer } from "./local-answer.ts";
import { compileStrictTransport } from "./strict-transport.ts";

const value = "max-age=31536000; includeSubDomains";
const line = `strict-transport-security: ${value}`;

function applied(hsts: string, secure: boolean, fields: readonly Field[]): string[] {
  const head = responseHead(200, fields);
  compileStrictTransport(hsts)?.apply(head, rewriteContext({ secure }));
  return fieldLines(head);
}

describe("a server's response", () => {
  const servers: Field[] = [
    ["A", "1"],
    ["STRICT-Transport-Security", "max-age=0"],
    ["strict-transport-security", "max-age=1"],
  ];

  it("has the frontend's in place of all others", () => {
    expect(applied(value, true, [["A", "1"]])).toEqual(["A: 1", line]);
    expect(applied(value, true, servers)).toEqual(["A: 1", line]);
  });

  it("to a client without TLS has none (RFC 6797 section 7.2)", () => {
    expect(applied(value, false, servers)).toEqual(["A: 1"]);
  });

  it("is left alone where the frontend says nothing", () => {
    expect(applied("", true, servers)).toEqual(servers.map(([name, text]) => `${name}: ${text}`));
    expect(compileStrictTransport("")).toBeNull();
  });
});

function found(answer: LocalAnswer, secure: boolean, connection: AnswerConnection): string[] {
  answer.prepare(connection, false, rewriteContext({ secure }), 0);
  const text = Buffer.from(answer.bytes.subarray(0, answer.end)).toString("latin1");
  const head = text.slice(0, text.indexOf("\r\n\r\n"));
  return head.split("\r\n").filter((each) => /^strict/i.test(each));
}

describe("an answer of ours", () => {
  const headers = [{ name: "Strict-Transport-Security", value: template("max-age=5") }];
  const fixed = { kind: "respond", status: 200, headers, body: "x", contentType: "" } as const;
  const varying = {
    ...fixed,
    headers: [...headers, { name: "x-path", value: template("{path}") }],
  };
  const make: readonly (readonly [string, (hsts: string) => LocalAnswer])[] = [
    [
      "a redirect with variables",
      (hsts) =>
        redirectAnswer(
          { kind: "redirect", to: template("https://{host}{uri}"), status: 308 },
          hsts,
        ),
    ],
    [
      "a fixed redirect",
      (hsts) => redirectAnswer({ kind: "redirect", to: template("/a"), status: 302 }, hsts),
    ],
    ["a fixed answer", (hsts) => respondAnswer(fixed, hsts)],
    ["an answer with variables", (hsts) => respondAnswer(varying, hsts)],
    ["an error", (hsts) => new ErrorAnswers([], hsts).of(503)],
    ["an error that nobody has foreseen", (hsts) => new ErrorAnswers([], hsts).of(507)],
    [
      "an error's own page",
      (hsts) =>
        new ErrorAnswers([{ status: 404, body: "x", contentType: "text/html" }], hsts).of(404),
    ],
  ];

  it.each(make)("%s has it for who speaks TLS, whatever becomes of the connection", (_, of) => {
    const answer = of(value);
    for (const connection of Object.values(AnswerConnection)) {
      expect(found(answer, true, connection)).toEqual([line]);
      expect(found(answer, false, connection)).toEqual([]);
    }
  });

  it("says what the route says, where the frontend says nothing", () => {
    for (const secure of [true, false]) {
      const kept = found(respondAnswer(fixed, ""), secure, AnswerConnection.keep);
      expect(kept).toEqual(["Strict-Transport-Security: max-age=5"]);
      expect(found(new ErrorAnswers([], "").of(404), secure, AnswerConnection.keep)).toEqual([]);
    }
  });
});
