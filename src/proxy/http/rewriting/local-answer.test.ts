import { describe, expect, it } from "vitest";
import { requestHead } from "../../../../test/support/heads.ts";
import { rewriteContext, template } from "../../../../test/support/rewriting.ts";
import type { RespondPlan } from "../../../config/route-plan.ts";
import { AnswerConnection } from "./answer-bytes.ts";
import { ErrorAnswers } from "./error-answers.ts";
import { type LocalAnswer, redirectAnswer, respondAnswer } from "./local-answer.ts";

const nowMs = Date.UTC(2030, 10, 6, 8, 49, 37, 999);
const date = "date: Wed, 06 Nov 2030 08:49:37 GMT";

interface Asked {
  readonly line?: string;
  readonly connection?: AnswerConnection;
  readonly isHead?: boolean;
  readonly atMs?: number;
}

function lines(answer: LocalAnswer, asked: Asked = {}): string[] {
  const { line = "GET /a/b?x=1", connection = AnswerConnection.keep, isHead = false } = asked;
  const request = requestHead(line, [["Host", "shop.example"]]);
  answer.prepare(connection, isHead, rewriteContext({ request }), asked.atMs ?? nowMs);
  return Buffer.from(answer.bytes.subarray(0, answer.end)).toString("utf8").split("\r\n");
}

function respond(changes: Partial<RespondPlan> = {}): LocalAnswer {
  const plan: RespondPlan = {
    kind: "respond",
    status: 403,
    headers: [],
    body: "nö\n",
    contentType: "text/plain",
    ...changes,
  };
  return respondAnswer(plan, "");
}

describe("a redirect", () => {
  it("leads where its template says", () => {
    const to = template("https://{host}{uri}");
    const answer = redirectAnswer({ kind: "redirect", to, status: 308 }, "");
    const note = "308 Permanent Redirect\n";
    expect(lines(answer)).toEqual([
      "HTTP/1.1 308 Permanent Redirect",
      date,
      "location: https://shop.example/a/b?x=1",
      "content-type: text/plain; charset=utf-8",
      `content-length: ${note.length}`,
      "",
      note,
    ]);
    expect(lines(answer, { line: "GET /c" })[2]).toBe("location: https://shop.example/c");
    expect(answer.status).toBe(308);
  });

  it("does not lead to another host for who asks for two slashes", () => {
    const answer = redirectAnswer({ kind: "redirect", to: template("{uri}"), status: 301 }, "");
    expect(lines(answer, { line: "GET //evil.example/x" })[2]).toBe("location: /evil.example/x");
  });

  it("to a fixed place is the same bytes every time", () => {
    const answer = redirectAnswer({ kind: "redirect", to: template("/nëu"), status: 302 }, "");
    expect(lines(answer)[2]).toBe("location: /n%C3%ABu");
    const { bytes } = answer;
    lines(answer);
    expect(answer.bytes).toBe(bytes);
  });
});

function said(connection: AnswerConnection): string[] {
  return lines(respond(), { connection }).filter((line) => line.startsWith("connection"));
}

describe("a fixed answer", () => {
  it("has status, headers and body", () => {
    const headers = [
      { name: "X-Id", value: template("{request.id}") },
      { name: "X-None", value: template("{header:none}") },
    ];
    expect(lines(respond({ headers }))).toEqual([
      "HTTP/1.1 403 Forbidden",
      date,
      "content-type: text/plain",
      "X-Id: id-1",
      "content-length: 4",
      "",
      "nö\n",
    ]);
  });

  it("to HEAD is the same without its body", () => {
    const got = lines(respond());
    expect(lines(respond(), { isHead: true })).toEqual([...got.slice(0, -1), ""]);
    expect(respond().bodyLength).toBe(4);
  });

  it("says what becomes of the connection", () => {
    expect(said(AnswerConnection.keep)).toEqual([]);
    expect(said(AnswerConnection.close)).toEqual(["connection: close"]);
    expect(said(AnswerConnection.keepAlive)).toEqual(["connection: keep-alive"]);
  });

  it("has the time of the moment, unless it says one itself", () => {
    const answer = respond();
    expect(lines(answer, { atMs: nowMs + 1000 })[1]).toBe("date: Wed, 06 Nov 2030 08:49:38 GMT");
    expect(lines(answer)[1]).toBe(date);
    const own = respond({ headers: [{ name: "Date", value: template("never") }] });
    expect(lines(own).filter((line) => /^date/i.test(line))).toEqual(["Date: never"]);
  });

  it.each([204, 205, 304])("of status %i has no body", (status) => {
    const got = lines(respond({ status }));
    expect(got.slice(-2)).toEqual(["", ""]);
    expect(got.filter((line) => line.startsWith("content-length"))).toEqual(
      status === 205 ? ["content-length: 0"] : [],
    );
  });

  it("lets its headers name the type, and leaves framing to us", () => {
    const headers = ["Content-Type", "Content-Length", "Transfer-Encoding", "connection"].map(
      (name) => ({ name, value: template("x/y") }),
    );
    expect(lines(respond({ headers })).slice(2, -2)).toEqual([
      "Content-Type: x/y",
      "content-length: 4",
    ]);
  });

  it("has no type when it has no body, and no phrase for a status that has none", () => {
    expect(lines(respond({ status: 599, body: "" }))).toEqual([
      "HTTP/1.1 599 ",
      date,
      "content-length: 0",
      "",
      "",
    ]);
  });

  it("holds one field for each that it is given, whatever a client sends", () => {
    const headers = [{ name: "X-Path", value: template("{path}") }];
    const got = lines(respond({ headers }), { line: "GET /a\r\nset-cookie:x" });
    expect(got.slice(3, 5)).toEqual(["X-Path: /aset-cookie:x", "content-length: 4"]);
  });
});

describe("an error", () => {
  const pages = [
    { status: 503, body: "<h1>später</h1>", contentType: "text/html" },
    { status: 418, body: "", contentType: "" },
  ];
  const errors = new ErrorAnswers(pages, "");

  it("is a short page that no cache answers with", () => {
    expect(lines(errors.of(404))).toEqual([
      "HTTP/1.1 404 Not Found",
      date,
      "content-type: text/plain; charset=utf-8",
      "cache-control: no-cache",
      "content-length: 14",
      "",
      "404 Not Found\n",
    ]);
  });

  it("is the page that the frontend has for it", () => {
    expect(lines(errors.of(503)).slice(2)).toEqual([
      "content-type: text/html",
      "cache-control: no-cache",
      "content-length: 16",
      "",
      "<h1>später</h1>",
    ]);
    expect(lines(errors.of(418)).at(-1)).toBe("");
  });

  it("of a status that nobody has foreseen is made once", () => {
    expect(errors.of(507)).toBe(errors.of(507));
    expect(lines(errors.of(507))[0]).toBe("HTTP/1.1 507 Insufficient Storage");
  });
});
