import { describe, expect, it } from "vitest";
import type { SocketAddress } from "../../../config/address.ts";
import type { BodyMatch } from "../../../config/route-plan.ts";
import { requestHead } from "../../../../test/support/request-head.ts";
import { route } from "../../../../test/support/routes.ts";
import { Router } from "./router.ts";
import { Routing } from "./routing.ts";

const client: SocketAddress = { family: "ipv4", host: "192.0.2.7", port: 1024 };
const post = requestHead({ method: "POST", bodyLength: -1 });

function contains(text: string): BodyMatch {
  return { kind: "contains", text };
}

function at(pointer: string, ...values: string[]): BodyMatch {
  return { kind: "pointer", pointer, values: values.map((value) => ({ kind: "exact", value })) };
}

function takes(match: BodyMatch, body: string): boolean {
  const router = new Router([route("one", { body: [match], bodyBytes: 100_000 })]);
  expect(router.match(post, client)).toBe(Routing.needsBody);
  return router.matchBody(post, client, Buffer.from(body)) === 0;
}

describe("a body", () => {
  const json =
    '{"a":{"b/c":[1,true,null,"x",{"~":0.50}]},"":"e","n":9007199254740993,"é":"ü","a2":[[]]}';
  it.each([
    [contains("soap:"), "<soap:Envelope>", true],
    [contains("soap:"), "<SOAP:Envelope>", false],
    [at("/a/b~1c/0", "1"), json, true],
    [at("/a/b~1c/1", "true"), json, true],
    [at("/a/b~1c/2", "null"), json, true],
    [at("/a/b~1c/3", "y", "x"), json, true],
    [at("/a/b~1c/4/~0", "0.5"), json, true],
    [at("/a/b~1c/00", "1"), json, false],
    [at("/a/b~1c/-", "1"), json, false],
    [at("/a/b~1c/length", "5"), json, false],
    [at("/", "e"), json, true],
    [at("/é", "ü"), json, true],
    [at("/n", "9007199254740992"), json, false],
    [at("/a"), json, false],
    [at("/a2/0"), json, false],
    [at("/n/x"), json, false],
    [at("/constructor"), json, false],
    [at("/__proto__/x", "1"), '{"__proto__":{"x":1}}', true],
    [at("", "x"), '"x"', true],
    [at("/k", "2"), '{"k":1,"k":2}', true],
    [at("/k"), '{"k":1', false],
    [at("/k"), "", false],
    [at("/k"), "[".repeat(50_000), false],
    [at("/0/0", "1"), `${"[".repeat(40_000)}1${"]".repeat(40_000)}`, false],
  ])("asked %j", (match, body, expected) => {
    expect(takes(match, body)).toBe(expected);
  });
});

describe("the body is waited for", () => {
  const router = new Router([
    route("path", { path: [{ kind: "exact", value: "/first" }] }),
    route("short", { method: ["POST"], body: [contains("x")], bodyBytes: 4 }),
    route("long", { method: ["POST"], body: [contains("x"), contains("y")], bodyBytes: 8 }),
    route("rest", {}),
  ]);

  it("only when a route that could win asks for it", () => {
    expect(router.match(post, client)).toBe(Routing.needsBody);
    expect(router.match(requestHead({ bodyLength: -1 }), client)).toBe(3);
    const first = requestHead({ method: "POST", target: "/first", bodyLength: 3 });
    expect(router.match(first, client)).toBe(0);
  });

  it("not when there is none, or its length says that it is too long", () => {
    expect(router.bodyBytes).toBe(8);
    expect(router.match(requestHead({ method: "POST" }), client)).toBe(3);
    expect(router.match(requestHead({ method: "POST", bodyLength: 9 }), client)).toBe(3);
    const fits = requestHead({ method: "POST", bodyLength: 8 });
    expect(router.match(fits, client)).toBe(Routing.needsBody);
  });

  it("and each route looks at so much of it as it says", () => {
    const answers = ["x", "12345x", "123y", "none", null].map((body) =>
      router.matchBody(post, client, body === null ? null : Buffer.from(body)),
    );
    expect(answers).toEqual([1, 2, 2, 3, 3]);
  });

  it("also when only the folded path asks for it", () => {
    const folding = new Router([
      route("body", {
        path: [{ kind: "exact", value: "/a/b" }],
        body: [contains("x")],
        bodyBytes: 9,
      }),
      route("rest", {}),
    ]);
    const head = requestHead({ target: "/a//b", bodyLength: 3 });
    expect(folding.match(head, client)).toBe(Routing.needsBody);
    expect(folding.matchBody(head, client, Buffer.from("x"))).toBe(Routing.refused);
    expect(folding.matchBody(head, client, Buffer.from("y"))).toBe(1);
  });
});
