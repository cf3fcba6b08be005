// Valid configurations of http mode: what the plan says.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { HttpBackendPlan, HttpFrontendPlan } from "./http-plan.ts";
import { parseConfig } from "./load.ts";
import type { BackendPlan, FrontendPlan } from "./plan.ts";

function plansOf(text: string, file = "f"): { frontend: FrontendPlan; backend: BackendPlan } {
  const { plan, problems } = parseConfig(text, file, {}, { cpus: 1, ipv6: true });
  expect(problems).toEqual([]);
  const [frontend] = plan?.frontends ?? [];
  const [backend] = plan?.backends ?? [];
  if (!frontend || !backend) throw new Error("no plan");
  return { frontend, backend };
}

function configOf(frontend: string, backend = "", defaults = ""): string {
  return `
defaults: { mode: http, ${defaults} }
frontends: { edge: { bind: ":80", ${frontend} } }
backends:
  web: { servers: { a: ":1", b: ":2" }, ${backend} }
  api: { servers: { a: ":1" } }
`;
}

function frontendOf(frontend: string, defaults = "", file = "f"): HttpFrontendPlan {
  // The second one uses what the first may leave out.
  const use = ', other: { bind: ":81", backend: { web: 1, api: 1 } } }\nbackends:';
  const text = configOf(frontend, "", defaults).replace(" }\nbackends:", use);
  const { http } = plansOf(text, file).frontend;
  if (http === null) throw new Error("not in http mode");
  return http;
}

function backendOf(backend: string, defaults = ""): HttpBackendPlan {
  return plansOf(configOf("backend: { web: 1, api: 1 }", backend, defaults)).backend.http;
}

const noHeaders = { set: [], add: [], remove: [] };
const noRequest = { headers: noHeaders, path: [], host: null };
const noResponse = { headers: noHeaders };

describe("a frontend in http mode", () => {
  test("has every default resolved", () => {
    const { frontend } = plansOf(configOf("backend: { web: 1, api: 0 }"));
    expect(frontend.mode).toBe("http");
    expect(frontend.backend).toBe("");
    expect(frontend.http).toEqual({
      routes: [],
      otherwise: {
        backends: [
          { name: "web", weight: 1 },
          { name: "api", weight: 0 },
        ],
      },
      request: noRequest,
      response: noResponse,
      forwardedFor: "off",
      trustedProxies: [],
      requestId: "",
      hsts: "",
      errors: [],
      limits: { headBytes: 32_768, headerCount: 100, uriBytes: 8192, bodyBytes: 0 },
      timeout: { httpRequestMs: 10_000, httpKeepAliveMs: 60_000 },
      abortOnClose: true,
      logRequestHeaders: [],
      logResponseHeaders: [],
    } satisfies HttpFrontendPlan);
  });

  test("says what the file says", () => {
    expect(
      frontendOf(`
        forwardedFor: rfc7239, trustedProxies: [10.0.0.0/8, "::1"], requestId: X-Trace,
        limits: { headSize: 16KiB, headerCount: 50, uriLength: 2KiB, bodySize: 10MiB },
        timeout: { httpRequest: 1s, httpKeepAlive: 2s }, abortOnClose: false,
        logHeaders: { request: [User-Agent, referer], response: Server }, backend: web`),
    ).toMatchObject({
      otherwise: { backends: [{ name: "web", weight: 1 }] },
      forwardedFor: "rfc7239",
      trustedProxies: ["10.0.0.0/8", "::1"],
      requestId: "x-trace",
      limits: { headBytes: 16_384, headerCount: 50, uriBytes: 2048, bodyBytes: 10_485_760 },
      timeout: { httpRequestMs: 1000, httpKeepAliveMs: 2000 },
      abortOnClose: false,
      logRequestHeaders: ["user-agent", "referer"],
      logResponseHeaders: ["server"],
    });
  });

  test("inherits from defaults, and of maps each key by itself", () => {
    const http = frontendOf(
      "limits: { headerCount: 5 }, errors: { 503: mine }, logHeaders: { response: b }, backend: web",
      `forwardedFor: true, trustedProxies: 10.0.0.1, requestId: true, abortOnClose: false,
       limits: { headSize: 2KiB, headerCount: 9, uriLength: 1KiB }, errors: { 503: theirs, 404: none },
       logHeaders: { request: a, response: c }, timeout: { httpRequest: 3s }`,
    );
    expect(http).toMatchObject({
      forwardedFor: "x-forwarded",
      trustedProxies: ["10.0.0.1"],
      requestId: "x-request-id",
      abortOnClose: false,
      limits: { headBytes: 2048, headerCount: 5 },
      errors: [
        { status: 404, body: "none" },
        { status: 503, body: "mine" },
      ],
      logRequestHeaders: ["a"],
      logResponseHeaders: ["b"],
      timeout: { httpRequestMs: 3000 },
    });
  });

  test("may have routes alone: what matches none is answered 404", () => {
    expect(frontendOf("routes: [{ match: { path: /a }, backend: web }]").otherwise).toBeNull();
  });

  test("reads error pages, beside the configuration file", () => {
    const folder = mkdtempSync(join(tmpdir(), "ballast-pages-"));
    try {
      writeFileSync(join(folder, "503.html"), "<h1>später</h1>\n");
      writeFileSync(join(folder, "502.json"), "{}");
      const errors = `errors: { 503: { file: 503.html }, 502: { file: "${folder}/502.json" },
        404: "no\\n", 400: { body: <b>, contentType: text/html }, 500: { file: 503.html, contentType: a/b } }`;
      expect(
        frontendOf(`${errors}, backend: web`, "", join(folder, "ballast.yaml")).errors,
      ).toEqual([
        { status: 400, body: "<b>", contentType: "text/html" },
        { status: 404, body: "no\n", contentType: "text/plain" },
        { status: 500, body: "<h1>später</h1>\n", contentType: "a/b" },
        { status: 502, body: "{}", contentType: "application/json" },
        { status: 503, body: "<h1>später</h1>\n", contentType: "text/html; charset=utf-8" },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a backend", () => {
  test("has a cookie with a value for each server, always the same", () => {
    const { cookie } = backendOf("cookie: SRV");
    expect(cookie).toMatchObject({
      name: "SRV",
      mode: "insert",
      indirect: false,
      nocache: false,
      postonly: false,
      preserve: false,
      httpOnly: false,
      secure: false,
      sameSite: null,
      domain: "",
      path: "/",
      maxIdleMs: 0,
      maxLifeMs: 0,
    });
    expect(Object.keys(cookie?.values ?? {})).toEqual(["a", "b"]);
    for (const value of Object.values(cookie?.values ?? {}))
      expect(value).toMatch(/^[0-9a-f]{12}$/);
    expect(cookie?.values["a"]).not.toBe(cookie?.values["b"]);
    expect(backendOf("cookie: OTHER").cookie?.values).toEqual(cookie?.values);
  });

  test("has the cookie that the file says", () => {
    const { backend } = plansOf(`
frontends: { e: { mode: http, bind: ":80", backend: web } }
backends:
  web:
    servers: { a: { address: ":1", cookie: s1 }, b: { address: ":2", cookie: 2 } }
    cookie: { name: SRV, mode: insert, indirect: true, nocache: true, postonly: true, preserve: true,
      httpOnly: true, secure: true, sameSite: None, domain: example.com, path: /app, maxIdle: 1h, maxLife: 8h }
`);
    expect(backend.http.cookie).toEqual({
      name: "SRV",
      mode: "insert",
      indirect: true,
      nocache: true,
      postonly: true,
      preserve: true,
      httpOnly: true,
      secure: true,
      sameSite: "None",
      domain: "example.com",
      path: "/app",
      maxIdleMs: 3_600_000,
      maxLifeMs: 28_800_000,
      values: { a: "s1", b: "2" },
    });
  });

  test("retries and reuses as it says itself, over defaults, key by key", () => {
    const { retry, reuse } = backendOf(
      'retry: { on: [connFailure, 503, "504"], perTryTimeout: 2s, maxBody: 1MiB, nonIdempotent: true }, reuse: always',
      "retries: 7, retry: { on: 502, budget: { percent: 5, min: 3 } }, reuse: { maxIdle: 5, idleTimeout: 1s, maxRequests: 9, maxAge: 1h }",
    );
    expect(retry).toEqual({
      on: ["connFailure", 503, 504],
      attempts: 7,
      perTryTimeoutMs: 2000,
      budgetPercent: 5,
      budgetMin: 3,
      bodyBytes: 1_048_576,
      nonIdempotent: true,
    });
    expect(reuse).toEqual({
      mode: "always",
      idleMax: 5,
      idleTimeoutMs: 1000,
      requestsMax: 9,
      ageMaxMs: 3_600_000,
    });
    expect(backendOf('retry: { attempts: 1, budget: "50%" }').retry).toMatchObject({
      attempts: 1,
      budgetPercent: 50,
      budgetMin: 10,
    });
  });

  test.each(["uri", "path", "header:X-User", "cookie:Id", "query:Id"])(
    "hashes and sticks by %s",
    (key) => {
      const { backend } = plansOf(
        configOf(
          "backend: { web: 1, api: 1 }",
          `balance: { hash: "${key}" }, stick: { on: "${key}" }`,
        ),
      );
      const expected = key.startsWith("header:") ? key.toLowerCase() : key;
      expect(backend.balance.key).toBe(expected);
      expect(backend.stick?.key).toBe(expected);
    },
  );

  test("of a http frontend has the limits of sessions that routes bring to it", () => {
    const { backend } = plansOf(
      configOf(
        "timeout: { client: 5s }, routes: [{ match: { path: /a }, backend: web }], backend: api",
      ),
    );
    expect(backend.timeout.tunnelMs).toBe(0);
  });
});

test("a frontend and a backend change them in the same words", () => {
  const rewrites = "request: { host: a.example }, response: { headers: { remove: server } }";
  const request = { host: [{ kind: "text", text: "a.example" }] };
  const response = { headers: { remove: ["server"] } };
  expect(frontendOf(`${rewrites}, backend: web`)).toMatchObject({ request, response });
  expect(backendOf(rewrites)).toMatchObject({ request, response });
});
