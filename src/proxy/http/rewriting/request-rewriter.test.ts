import { describe, expect, it } from "vitest";
import { fieldLines, requestHead, targetOf } from "../../../../test/support/heads.ts";
import { rewriteContext, template } from "../../../../test/support/rewriting.ts";
import type { PathOperation, RequestRewrite } from "../../../config/rewrite-plan.ts";
import type { RequestHead } from "../../../http/request-head.ts";
import { compileRequestRewriter, setHost } from "./request-rewriter.ts";

function rewrite(changes: Partial<RequestRewrite>): RequestRewrite {
  return { headers: { set: [], add: [], remove: [] }, path: [], host: null, ...changes };
}

function apply(head: RequestHead, ...rewrites: Partial<RequestRewrite>[]): RequestHead {
  const rewriter = compileRequestRewriter(rewrites.map(rewrite));
  rewriter?.apply(head, rewriteContext({ request: head }));
  return head;
}

/** The target that the server sees. */
function path(target: string, ...operations: PathOperation[]): string {
  return targetOf(apply(requestHead(`GET ${target}`), { path: operations }));
}

const strip = (prefix: string): PathOperation => ({ kind: "stripPrefix", prefix });
const put = (prefix: string): PathOperation => ({ kind: "addPrefix", prefix });
const swap = (prefix: string, by: string): PathOperation => ({
  kind: "replacePrefix",
  prefix,
  with: by,
});
const replace = (pattern: string, by: string): PathOperation => ({
  kind: "replace",
  pattern,
  with: by,
});
const to = (source: string): PathOperation => ({ kind: "set", to: template(source) });

describe("a path", () => {
  it.each([
    ["/api/x?q=1", "/x?q=1"],
    ["/api", "/"],
    ["/api/", "/"],
    ["/api?q", "/?q"],
    ["/apiary", "/apiary"],
    ["/API/x", "/API/x"],
    ["/x/api", "/x/api"],
    ["/api//x", "//x"],
  ])("%s without its prefix /api is %s", (target, left) => {
    expect(path(target, strip("/api"))).toBe(left);
  });

  it.each([
    ["/", "/v2/"],
    ["/x?q=1", "/v2/x?q=1"],
  ])("%s with a prefix is %s", (target, made) => {
    expect(path(target, put("/v2"))).toBe(made);
    expect(path(target, put("/v2/"))).toBe(made);
  });

  it.each([
    ["/old/x", "/old", "/new", "/new/x"],
    ["/old", "/old", "/new/", "/new/"],
    ["/older", "/old", "/new", "/older"],
    ["/old/x", "/old", "/", "/x"],
    ["/old", "/old", "/", "/"],
    ["/x", "/", "/new", "/new/x"],
  ])("%s with %s replaced by %s is %s", (target, prefix, by, made) => {
    expect(path(target, swap(prefix, by))).toBe(made);
  });

  it.each([
    ["/users/7/x", "^/users/([0-9]+)", "/u/$1", "/u/7/x"],
    ["/a/a", "a", "<$0>", "/%3Ca%3E/%3Ca%3E"],
    ["/a", "^/(a)(b)?$", "/$$-$2$1$3", "/$-a"],
    ["/a?q=1", "q", "x", "/a?q=1"],
    ["/a/7?q=1", "^/a/(.*)$", "/b?id=$1", "/b?id=7&q=1"],
    ["/a/7", "^/a/(.*)$", "b?id=$1", "/b?id=7"],
    ["/a", "^/a", "", "/"],
    ["/%C3%BC", "%C3%BC", "ü", "/%C3%BC"],
  ])("%s with every %s replaced by %s is %s", (target, pattern, by, made) => {
    expect(path(target, replace(pattern, by))).toBe(made);
  });

  it("is replaced in linear time, whatever a client sends", () => {
    // RegExp would need longer than anybody waits: each further character doubles its time.
    const target = `/${"a".repeat(4000)}!`;
    expect(path(target, replace("^/(a+)+$", "/b"))).toBe(target);
  });

  it("is set, with the query that was sent or another one", () => {
    expect(path("/a?q=1", to("/b{path}"))).toBe("/b/a?q=1");
    expect(path("/a?q=1", to("/b?p=2"))).toBe("/b?p=2");
    expect(path("/a?q=1", to("/b?{query}&p=2"))).toBe("/b?q=1&p=2");
    expect(path("/a?q=1", to("{uri}"))).toBe("/a?q=1");
    expect(path("/a", to("b#c"))).toBe("/b%23c");
  });

  it("is changed in order, by frontend, route and backend", () => {
    const head = requestHead("GET /api/x");
    apply(head, { path: [strip("/api")] }, { path: [put("/v2")] }, { path: [replace("x", "y")] });
    expect(targetOf(head)).toBe("/v2/y");
    expect(path("/api", strip("/api"), put("/v2"))).toBe("/v2");
    expect(path("/api", strip("/api"), replace("^/$", "/index"))).toBe("/index");
  });

  it("of an absolute form is rewritten into origin form", () => {
    expect(path("http://x.example/api/y?q", strip("/api"))).toBe("/y?q");
    expect(path("http://x.example", put("/v2"))).toBe("/v2/");
  });

  it("that is none stays", () => {
    expect(targetOf(apply(requestHead("OPTIONS *"), { path: [to("/x")] }))).toBe("*");
    expect(targetOf(apply(requestHead("CONNECT x:443"), { path: [to("/x")] }))).toBe("x:443");
  });

  it("stays as it was sent when nothing fits", () => {
    const head = requestHead("GET /x");
    apply(head, { path: [strip("/api"), replace("y", "z")] });
    expect(head.newTarget).toBeNull();
  });

  it("never has a character that a request line does not have", () => {
    const head = requestHead("GET /a", [["X", "b c\r\nd?e#\u00ff"]]);
    expect(targetOf(apply(head, { path: [to("/{header:x}/\u0001 HTTP/1.1")] }))).toBe(
      "/b%20c%0D%0Ad%3Fe%23%FF/%01%20HTTP/1.1",
    );
  });
});

function ofServer(...hosts: RequestRewrite["host"][]): boolean | undefined {
  return compileRequestRewriter(hosts.map((host) => rewrite({ host })))?.hostOfServer;
}

describe("the host", () => {
  it("is rewritten in its place, which templates do not notice", () => {
    const head = requestHead("GET /", [
      ["Host", "a.example:81"],
      ["Accept", "*/*"],
    ]);
    const set = [{ name: "x-host", value: template("{host}") }];
    apply(head, { host: template("{host}.internal"), headers: { set, add: [], remove: [] } });
    expect(fieldLines(head)).toEqual([
      "Host: a.example.internal",
      "Accept: */*",
      "x-host: a.example",
    ]);
  });

  it("is added to an HTTP/1.0 request that has none", () => {
    expect(fieldLines(apply(requestHead("GET /"), { host: template("b") }))).toEqual(["host: b"]);
  });

  it("stays when nothing valid is left of its template, and whatever headers say", () => {
    const head = requestHead("GET /", [["Host", "a"]]);
    const headers = { set: [], add: [{ name: "Host", value: template("b") }], remove: ["host"] };
    apply(head, { host: template("{header:none}"), headers });
    expect(fieldLines(head)).toEqual(["Host: a"]);
  });

  it("is the server's own when the last rewrite that names one says so", () => {
    expect(ofServer("server")).toBe(true);
    expect(ofServer(template("x"), "server", null)).toBe(true);
    expect(ofServer("server", template("x"))).toBe(false);
    const head = requestHead("GET /", [["Host", "a"]]);
    const name = Buffer.from("web1:8080");
    setHost(head, name, 0, name.length);
    expect(fieldLines(head)).toEqual(["Host: web1:8080"]);
  });

  it("needs no rewriter when nothing is rewritten", () => {
    expect(compileRequestRewriter([rewrite({}), rewrite({})])).toBeNull();
  });
});
