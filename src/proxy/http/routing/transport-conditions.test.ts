// What routes ask of the client's TLS: the server name, the protocols offered, and whether there is any.
import { describe, expect, it } from "vitest";
import { requestHead } from "../../../../test/support/request-head.ts";
import { route } from "../../../../test/support/routes.ts";
import type { SocketAddress } from "../../../config/address.ts";
import type { MatchPlan } from "../../../config/route-plan.ts";
import { Router } from "./router.ts";
import { Routing } from "./routing.ts";
import type { Transport } from "./transport.ts";

const client: SocketAddress = { family: "ipv4", host: "192.0.2.7", port: 1024 };

function overTls(sni: string, offered: readonly string[] = []): Transport {
  return { tls: { sni, offered, alpn: "", agreed: null }, secure: true };
}

/** Whether a route with this match takes a request that came so. */
function takes(match: Partial<MatchPlan>, transport?: Transport): boolean {
  const answer = new Router([route("one", match)]).match(requestHead({}), client, transport);
  expect([0, Routing.none]).toContain(answer);
  return answer === 0;
}

describe("a server name", () => {
  it.each([
    [["a.example"], "a.example", true],
    [["a.example"], "b.a.example", false],
    [["a.example"], "", false],
    [["*.a.example"], "b.a.example", true],
    [["*.a.example"], "c.b.a.example", true],
    [["*.a.example"], "a.example", false],
    [["*.a.example"], "ba.example", false],
    [["*.a.example"], "b.a.example.org", false],
    [["*.example"], "a.example", true],
    [["*.example"], "example", false],
    [["b.example", "*.a.example", "*.c.d.e"], "x.c.d.e", true],
    [["b.example", "*.a.example", "*.c.d.e"], "b.example", true],
    [["b.example", "*.a.example", "*.c.d.e"], "d.e", false],
    [["*.a.example"], `${"x.".repeat(120)}a.example`, true],
    [["*.a.example"], `${"x.".repeat(120)}b.example`, false],
  ])("%j, asked for %s: %s", (sni, asked, expected) => {
    expect(takes({ sni }, overTls(asked))).toBe(expected);
  });

  it("is nobody's who speaks no TLS with us, whatever a proxy says", () => {
    expect(takes({ sni: ["a.example"] })).toBe(false);
    expect(takes({ sni: ["*.example"] }, { tls: null, secure: true })).toBe(false);
  });
});

describe("a protocol", () => {
  it.each([
    [["h2"], ["h2", "http/1.1"], true],
    [["h2", "http/1.1"], ["http/1.1"], true],
    [["h2"], ["http/1.1"], false],
    [["h2"], ["H2"], false],
    [["h2"], [], false],
  ])("%j, of %j: %s", (alpn, offered, expected) => {
    expect(takes({ alpn }, overTls("", offered))).toBe(expected);
  });

  it("is offered by nobody without TLS", () => {
    expect(takes({ alpn: ["h2"] })).toBe(false);
  });
});

describe("secure", () => {
  const plain: Transport = { tls: null, secure: false };
  const told: Transport = { tls: null, secure: true };
  /** A trusted proxy that speaks TLS with us says that its client does not. */
  const denied: Transport = { tls: overTls("").tls, secure: false };

  it("is what came over TLS, and what a trusted proxy says so of", () => {
    const asked = [plain, told, denied, overTls("")];
    expect(asked.map((each) => takes({ secure: true }, each))).toEqual([false, true, false, true]);
    expect(asked.map((each) => takes({ secure: false }, each))).toEqual([true, false, true, false]);
    expect(asked.map((each) => takes({ secure: null }, each))).toEqual([true, true, true, true]);
  });

  it("is not remembered from the request before", () => {
    const router = new Router([
      route("secure", { secure: true }),
      route("named", { sni: ["a.example"] }),
      route("offers", { alpn: ["h2"] }),
    ]);
    const asked = [overTls("a.example", ["h2"]), plain, told, plain].map((each) =>
      router.match(requestHead({}), client, each),
    );
    expect(asked).toEqual([0, Routing.none, 0, Routing.none]);
  });
});

it("all of a route's conditions must hold, and the first that does not is told", () => {
  const router = new Router([
    route("one", { sni: ["a.example"], alpn: ["h2"], secure: true, source: ["192.0.2.0/24"] }),
  ]);
  const failed = (transport: Transport): string | null | undefined =>
    router.explain(requestHead({}), client, null, transport)[0]?.failed;
  expect(failed({ tls: null, secure: false })).toBe("secure");
  expect(failed(overTls("a.example"))).toBe("alpn");
  expect(failed(overTls("b.example", ["h2"]))).toBe("sni");
  expect(failed(overTls("a.example", ["http/1.1", "h2"]))).toBeNull();
});

it("stands beside a body that is asked for", () => {
  const body = [{ kind: "contains", text: "x" }] as const;
  const router = new Router([route("one", { secure: true, body, bodyBytes: 10 })]);
  const head = requestHead({ method: "POST", bodyLength: 1 });
  const bytes = Buffer.from("x");
  expect(router.match(head, client)).toBe(Routing.none);
  expect(router.match(head, client, overTls(""))).toBe(Routing.needsBody);
  expect(router.matchBody(head, client, bytes, overTls(""))).toBe(0);
  expect(router.matchBody(head, client, bytes)).toBe(Routing.none);
});
