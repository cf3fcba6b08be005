import { describe, expect, it } from "vitest";
import { requestHead } from "../../../../test/support/heads.ts";
import { text } from "../../../http/head.ts";
import { Span } from "../../../http/span.ts";
import { compileRequestKey, type RequestKey } from "./request-key.ts";

const head = requestHead("GET /a/b?x=1&y=&name=v%20w&flag&x=2", [
  ["Host", "Example.org:8080"],
  ["X-User", "ann"],
  ["X-User", "bob"],
  ["X-Empty", ""],
  ["Cookie", "a=1; sid=abc"],
]);

function keyOf(key: string, of: typeof head = head): string | null {
  const span = new Span();
  const compiled = compileRequestKey(key) as RequestKey;
  return compiled.find(of, span) ? text(span.bytes, span.start, span.end) : null;
}

describe("the key of a request", () => {
  it.each([
    ["uri", "/a/b?x=1&y=&name=v%20w&flag&x=2"],
    ["path", "/a/b"],
    ["header:x-user", "ann"],
    ["header:HOST", "Example.org:8080"],
    ["header:x-empty", null],
    ["header:x-none", null],
    ["cookie:sid", "abc"],
    ["cookie:SID", null],
    ["query:x", "1"],
    ["query:y", null],
    ["query:flag", null],
    ["query:name", "v%20w"],
    ["query:nam", null],
    ["query:me", null],
  ])("%s is %j", (key, value) => {
    expect(keyOf(key)).toBe(value);
  });

  it("is the root for an absolute form without a path, whose host counts", () => {
    const absolute = requestHead("GET http://example.org", [["Host", "example.org"]]);
    expect(keyOf("uri", absolute)).toBe("/");
    expect(keyOf("header:host", absolute)).toBe("example.org");
  });

  it("is nothing that somebody else makes keys of", () => {
    expect(["source", "sni", "header:", "method:x", ""].map(compileRequestKey)).toEqual(
      Array.from({ length: 5 }, () => null),
    );
  });
});
