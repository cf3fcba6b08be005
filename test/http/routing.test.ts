// Where a request goes and what becomes of it on its way, over real sockets, with servers in Node's
// own HTTP that tell what reached them.
import { writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { startAdmin } from "../support/admin.ts";
import { httpConfig, request, type RequestOptions, startHttpServer } from "../support/http.ts";
import { refusingAddress } from "../support/refusing.ts";
import { reactors, type Settings } from "../support/tcp-config.ts";

/** What a server says of a request that has reached it. */
interface Seen {
  readonly server: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function tells(server: string): (asked: IncomingMessage, response: ServerResponse) => void {
  return (asked, response) => {
    let body = "";
    asked.setEncoding("latin1");
    asked.on("data", (part: string) => (body += part));
    asked.on("end", () => {
      response.setHeader("x-own", "1");
      response.end(JSON.stringify({ server, url: asked.url, headers: asked.headers, body }));
    });
  };
}

/** Three backends of one server each: `back`, `api` and `beta`. */
async function start(frontend: Settings, global: Settings = {}): Promise<Ballast> {
  const names = ["back", "api", "beta"];
  const [back = "", api = "", beta = ""] = await Promise.all(
    names.map(async (name) => (await startHttpServer(tells(name))).address),
  );
  const backends = { api: { servers: { a: api } }, beta: { servers: { b: beta } } };
  return await startBallast(httpConfig({ s1: back }, { global, frontend, backends }));
}

async function seen(ballast: Ballast, target: string, options?: RequestOptions): Promise<Seen> {
  const { status, body } = await request(ballast.address, target, options);
  expect(status).toBe(200);
  return JSON.parse(body) as Seen;
}

async function taker(ballast: Ballast, target: string, options?: RequestOptions): Promise<string> {
  return (await seen(ballast, target, options)).server;
}

function host(name: string): RequestOptions {
  return { headers: [`Host: ${name}`] };
}

function post(body: string): RequestOptions {
  return { method: "POST", body };
}

/** What leaves a trace on both ways. */
function steps(word: string): Settings {
  const headers = { add: { "x-step": word } };
  return { request: { headers }, response: { headers } };
}

describe.each(reactors)("routes on the %s reactor", (reactor) => {
  it("decide by host, path, method, header, query and cookie; the first that holds", async () => {
    const ballast = await start(
      {
        routes: [
          { match: { host: "api.example.com", method: ["GET", "PUT"] }, backend: "api" },
          { match: { host: "*.beta.example.com" }, backend: "beta" },
          { match: { path: "/exact" }, backend: "api" },
          { match: { path: "/below/*" }, backend: "beta" },
          { match: { path: "~^/n/[0-9]+$" }, backend: "api" },
          { match: { header: { "x-kind": "tester*" } }, backend: "beta" },
          { match: { query: { lang: ["de", "fr"] } }, backend: "api" },
          { match: { cookie: { plan: "gold" } }, backend: "beta" },
          { match: { path: "/secret", source: "192.0.2.0/24" }, backend: "beta" },
          { match: { path: "/secret", source: "127.0.0.0/8" }, backend: "api" },
        ],
      },
      { reactor },
    );
    expect(await taker(ballast, "/", host("API.example.com:8000"))).toBe("api");
    expect(await taker(ballast, "/", { ...host("api.example.com"), method: "DELETE" })).toBe(
      "back",
    );
    expect(await taker(ballast, "/", host("a.b.beta.example.com"))).toBe("beta");
    expect(await taker(ballast, "/", host("beta.example.com"))).toBe("back");
    expect(await taker(ballast, "/exact?x=1")).toBe("api");
    expect(await taker(ballast, "/ex%61ct")).toBe("api");
    expect(await taker(ballast, "/exact/")).toBe("back");
    expect(await taker(ballast, "/below")).toBe("beta");
    expect(await taker(ballast, "/below/a/b")).toBe("beta");
    expect(await taker(ballast, "/belowe")).toBe("back");
    expect(await taker(ballast, "/n/12")).toBe("api");
    expect(await taker(ballast, "/n/12x")).toBe("back");
    expect(await taker(ballast, "/", { headers: ["X-Kind: tester-7"] })).toBe("beta");
    expect(await taker(ballast, "/", { headers: ["X-Kind: nobody"] })).toBe("back");
    expect(await taker(ballast, "/?a=1&lang=fr")).toBe("api");
    expect(await taker(ballast, "/?lang=en")).toBe("back");
    expect(await taker(ballast, "/", { headers: ["Cookie: a=b; plan=gold"] })).toBe("beta");
    expect(await taker(ballast, "/", { headers: ["Cookie: plan=golden"] })).toBe("back");
    expect(await taker(ballast, "/secret")).toBe("api");
  });

  it("decide by the body, which is held back to look and then passed on whole", async () => {
    const ballast = await start(
      {
        routes: [
          { match: { body: { pointer: "/user/plan", value: "gold" } }, backend: "api" },
          { match: { body: { contains: "needle" }, maxBody: "1KiB" }, backend: "beta" },
        ],
      },
      { reactor },
    );
    const gold = '{"user":{"plan":"gold"}}';
    expect(await seen(ballast, "/", post(gold))).toMatchObject({ server: "api", body: gold });
    expect(await taker(ballast, "/", post('{"user":{"plan":"lead"}}'))).toBe("back");
    expect(await taker(ballast, "/", post("hay needle hay"))).toBe("beta");
    expect(await taker(ballast, "/")).toBe("back");
    // Longer than may be held back to look: it does not match, and passes all the same.
    const long = `${"a".repeat(5000)}needle`;
    expect(await seen(ballast, "/", post(long))).toMatchObject({ server: "back", body: long });
  });

  it("a route that looks at a path refuses one that servers read differently", async () => {
    const ballast = await start(
      { routes: [{ match: { path: "/admin/*" }, respond: { status: 403 } }] },
      { reactor },
    );
    expect((await request(ballast.address, "/admin/x")).status).toBe(403);
    for (const dodge of ["/a/../admin/x", "/%2e%2e/admin/x", "//admin/x", "/admin%2Fx"]) {
      expect([dodge, (await request(ballast.address, dodge)).status]).toEqual([dodge, 400]);
    }
  });
});

describe("what a route may do besides", () => {
  it("redirects with variables, answers itself, and refuses what nobody takes", async () => {
    const ballast = await start({
      backend: undefined,
      routes: [
        {
          match: { path: "/old/*" },
          redirect: { to: "https://www.example.com{path}?{query}", status: 308 },
        },
        { match: { path: "/ping" }, respond: { status: 201, body: "pong\n" } },
        { match: { path: "/api/*" }, backend: "api" },
      ],
    });
    const moved = await request(ballast.address, "/old/a?b=c");
    expect([moved.status, moved.fields["location"]]).toEqual([
      308,
      "https://www.example.com/old/a?b=c",
    ]);
    const pong = await request(ballast.address, "/ping");
    expect([pong.status, pong.body]).toEqual([201, "pong\n"]);
    const head = await request(ballast.address, "/ping", { method: "HEAD" });
    expect([head.status, head.body, head.fields["content-length"]]).toEqual([201, "", "5"]);
    expect(await taker(ballast, "/api/x")).toBe("api");
    expect((await request(ballast.address, "/other")).status).toBe(404);
  });

  it("splits between backends by their weights", async () => {
    const ballast = await start({ backend: { api: 3, beta: 1 } });
    const times: Record<string, number> = { api: 0, beta: 0 };
    const count = 400;
    for (let i = 0; i < count; i++) {
      const name = await taker(ballast, "/");
      times[name] = (times[name] ?? 0) + 1;
    }
    expect(Object.keys(times).toSorted()).toEqual(["api", "beta"]);
    // 300 expected of 400, standard deviation 8.7: five of them.
    expect(Math.abs((times["api"] ?? 0) - 300)).toBeLessThan(44);
  });

  it("a pattern that makes others hang costs a request nothing", async () => {
    const ballast = await start({ routes: [{ match: { path: "~^/(a+)+$" }, backend: "api" }] });
    expect(await taker(ballast, `/${"a".repeat(4000)}`)).toBe("api");
    expect(await taker(ballast, `/${"a".repeat(4000)}!`)).toBe("back");
  });
});

describe("rewrites", () => {
  it("of frontend, route and backend are applied in that order, responses the other way round", async () => {
    const server = await startHttpServer(tells("s1"));
    const ballast = await startBallast(
      httpConfig(
        { s1: server.address },
        {
          frontend: { ...steps("frontend"), routes: [{ backend: "back", ...steps("route") }] },
          backend: steps("backend"),
        },
      ),
    );
    const response = await request(ballast.address, "/");
    const { headers: sent } = JSON.parse(response.body) as Seen;
    expect(sent["x-step"]).toBe("frontend, route, backend");
    expect(response.fields["x-step"]).toBe("backend\nroute\nfrontend");
  });

  it("set, add and remove headers with variables, and no value ends a line", async () => {
    const ballast = await start({
      request: {
        headers: {
          set: {
            "x-who": "{client.ip} {method} {host}",
            "x-agent": "{header:user-agent}",
            "x-path": "{path}",
          },
          remove: ["x-internal-*", "accept"],
        },
      },
      response: { headers: { remove: "x-own", set: { "x-served-by": "{server}" } } },
    });
    const { head, body, fields } = await request(ballast.address, "/a%0d%0ab", {
      headers: ["User-Agent: me", "X-Internal-A: 1", "x-internal-b: 2", "Accept: x", "X-Who: liar"],
    });
    const { headers } = JSON.parse(body) as Seen;
    expect(headers).toMatchObject({
      "x-who": "127.0.0.1 GET example.com",
      "x-agent": "me",
      "x-path": "/a%0d%0ab",
    });
    for (const gone of ["x-internal-a", "x-internal-b", "accept"]) {
      expect(headers[gone]).toBeUndefined();
    }
    expect(fields["x-served-by"]).toBe("s1");
    expect(head.toLowerCase()).not.toContain("x-own");
  });

  it("change the path and the host that the server sees; the query stays", async () => {
    const ballast = await start({
      routes: [
        {
          match: { path: "/api/*" },
          request: { path: { stripPrefix: "/api" }, host: "inner.example.com" },
          backend: "api",
        },
        {
          match: { path: "/u/*" },
          request: { path: { replace: { "~^/u/([a-z]+)/": "/users/$1?name=" } }, host: "server" },
          backend: "beta",
        },
      ],
    });
    expect(await seen(ballast, "/api/v1?x=1")).toMatchObject({
      url: "/v1?x=1",
      headers: { host: "inner.example.com" },
    });
    expect((await seen(ballast, "/api")).url).toBe("/");
    const { url, headers } = await seen(ballast, "/u/ann/x");
    expect(url).toMatch(/^\/users\/ann/);
    expect(headers["host"]).toMatch(/^127\.0\.0\.1:\d+$/);
  });
});

describe("who the client is", () => {
  it("is told in X-Forwarded-*, and what a stranger says of it is dropped", async () => {
    const ballast = await start({ forwardedFor: true });
    const { headers } = await seen(ballast, "/", {
      headers: ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "Forwarded: for=evil"],
    });
    expect(headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "example.com",
      "x-forwarded-port": ballast.address.split(":")[1],
    });
    expect(headers["forwarded"]).toBeUndefined();
  });

  it("is what a trusted proxy says, for servers, routes and the log", async () => {
    const ballast = await start({
      forwardedFor: true,
      trustedProxies: "127.0.0.0/8",
      routes: [{ match: { source: "192.0.2.0/24" }, backend: "api" }],
    });
    const { server, headers } = await seen(ballast, "/", {
      headers: ["X-Forwarded-For: 203.0.113.9, 192.0.2.1"],
    });
    expect(server).toBe("api");
    expect(headers["x-forwarded-for"]).toBe("203.0.113.9, 192.0.2.1, 127.0.0.1");
    const line = await ballast.untilLogged();
    expect(line.client).toMatch(/^192\.0\.2\.1(:0)?$/);
  });

  it("is told in Forwarded with rfc7239, and a request has an id that the log shows", async () => {
    const ballast = await start({ forwardedFor: "rfc7239", requestId: true });
    const { headers } = await seen(ballast, "/", { headers: ["X-Request-Id: mine"] });
    expect(headers["forwarded"]).toMatch(/for="?127\.0\.0\.1(:\d+)?"?;.*proto=http/);
    const id = headers["x-request-id"] ?? "";
    expect(id.length).toBeGreaterThan(15);
    expect(id).not.toBe("mine");
    expect(JSON.stringify(await ballast.untilLogged())).toContain(id);
  });
});

it("error pages are those of the configuration, from text and from a file", async () => {
  const ballast = await start({
    backend: undefined,
    routes: [{ match: { path: "/here" }, backend: "api" }],
    errors: { "404": { body: "<p>not here</p>", contentType: "text/html" } },
  });
  const none = await request(ballast.address, "/");
  expect([none.status, none.fields["content-type"], none.body]).toEqual([
    404,
    "text/html",
    "<p>not here</p>",
  ]);
  const page = join(ballast.folder, "busy.html");
  writeFileSync(page, "<h1>busy</h1>");
  const admin = await startAdmin(
    httpConfig(
      { dead: refusingAddress() },
      { defaults: { retries: 0 }, frontend: { errors: { "503": { file: page } } } },
    ),
  );
  const busy = await request(admin.front, "/");
  expect([busy.status, busy.fields["content-type"], busy.body]).toEqual([
    503,
    "text/html; charset=utf-8",
    "<h1>busy</h1>",
  ]);
});

it("200 routes: each takes its own", async () => {
  const names = Array.from({ length: 200 }, (_, i) => `r${i}`);
  const ballast = await start({
    routes: names.map((name) => ({
      match: { host: `${name}.example.com`, path: `/${name}/*` },
      respond: { status: 200, body: name },
    })),
  });
  for (const name of ["r0", "r1", "r99", "r199"]) {
    const options = { headers: [`Host: ${name}.example.com`] };
    expect((await request(ballast.address, `/${name}/x`, options)).body).toBe(name);
    expect(await taker(ballast, "/elsewhere/x", options)).toBe("back");
  }
});
