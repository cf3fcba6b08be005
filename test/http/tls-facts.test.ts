// What http mode makes of a client's TLS: what servers are told of it, redirects to https, HSTS, routes,
// variables, the log. Clients without TLS, and proxies that are trusted or not, come to the same routes.
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConnectionOptions } from "node:tls";
import { describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import {
  httpConfig,
  type RawResponse,
  readResponse,
  request,
  sendRaw,
  startHttpServer,
} from "../support/http.ts";
import type { SessionLine } from "../support/log-lines.ts";
import { type ConfigParts, onReactor, reactors } from "../support/tcp-config.ts";
import { connectTls, credentials, testAuthority } from "../support/tls.ts";
import { until } from "../support/until.ts";

type Line = SessionLine & { readonly tls?: Readonly<Record<string, unknown>> };

const authority = testAuthority();
const ca = readFileSync(authority.certFile);
const site = authority.issue({ names: ["a.example", "b.a.example", "127.0.0.1"] });
const ann = authority.issue({ commonName: "Ann, B", usage: "client" });
const plain = "127.0.0.1:0";
const secured = { address: plain, tls: { certificates: site } };
const asking = {
  address: plain,
  tls: { certificates: site, clientAuth: { ca: authority.certFile, optional: true } },
};
const toSite: ConnectionOptions = { ca, servername: "a.example" };

/** One request over TLS on a connection of its own; `headers`: lines without their ends. */
async function requestTls(
  address: string,
  target: string,
  options: ConnectionOptions = toSite,
  headers: readonly string[] = [],
): Promise<RawResponse> {
  const socket = await connectTls(address, options);
  let text = "";
  let ended = false;
  socket.on("data", (bytes: Buffer) => (text += bytes.toString("latin1")));
  socket.on("end", () => (ended = true));
  const lines = [`GET ${target} HTTP/1.1`, "Host: a.example", "Connection: close", ...headers];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const response = await until("a whole response", () => readResponse(text, "GET", ended));
  socket.destroy();
  return response;
}

/** Says what it was told, and something of its own about HSTS. */
function told({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Strict-Transport-Security", "max-age=1");
  response.end(JSON.stringify(headers));
}

interface Started {
  readonly ballast: Ballast;
  readonly http: string;
  readonly https: string;
}

async function start(
  frontend: object,
  tlsBind = secured,
  more: ConfigParts = {},
): Promise<Started> {
  const server = await startHttpServer(told);
  const parts = { ...more, frontend: { bind: [plain, tlsBind], ...frontend } };
  const ballast = await startBallast(httpConfig({ s1: server.address }, parts));
  const [http = "", https = ""] = ballast.addresses;
  return { ballast, http, https };
}

function headersIn({ body }: RawResponse): Readonly<Record<string, string>> {
  return JSON.parse(body) as Record<string, string>;
}

describe.each(reactors)("on the %s reactor", (reactor) => {
  it("servers learn from X-Forwarded-Proto, or Forwarded, how the client came", async () => {
    const x = await start({ forwardedFor: true }, secured, onReactor(reactor));
    const forged = ["X-Forwarded-Proto: https", "Forwarded: for=1.1.1.1;proto=https"];
    const plainly = headersIn(await request(x.http, "/", { headers: forged }));
    expect(plainly["x-forwarded-proto"]).toBe("http");
    expect(plainly["forwarded"]).toBeUndefined();
    const overTls = headersIn(await requestTls(x.https, "/", toSite, ["X-Forwarded-Proto: http"]));
    expect(overTls["x-forwarded-proto"]).toBe("https");

    const rfc = await start({ forwardedFor: "rfc7239" }, secured, onReactor(reactor));
    const element = headersIn(await requestTls(rfc.https, "/"))["forwarded"];
    expect(element).toBe("for=127.0.0.1;host=a.example;proto=https");
  });
});

function say(proto: string): { readonly headers: readonly string[] } {
  return { headers: [`X-Forwarded-Proto: ${proto}`] };
}

describe("a redirect to https", () => {
  const routes = [
    { match: { path: "/open" }, respond: { status: 200, body: "open\n" } },
    { redirect: { scheme: "https" } },
  ];

  it("leads who came without TLS there, and who comes there goes on", async () => {
    const { http, https } = await start({ routes });
    const sent = await request(http, "/a?b=c");
    expect(sent.status).toBe(308);
    expect(sent.fields["location"]).toBe("https://example.com/a?b=c");
    expect((await request(http, "/open")).body).toBe("open\n");
    // Where it leads: the same target over TLS.
    const { pathname, search } = new URL(sent.fields["location"] as string);
    expect((await requestTls(https, pathname + search)).status).toBe(200);
  });

  it("believes a trusted proxy that spoke TLS for us, and nobody else", async () => {
    const trusting = await start({ routes, forwardedFor: true, trustedProxies: "127.0.0.1" });
    expect((await request(trusting.http, "/", say("https"))).status).toBe(200);
    expect((await request(trusting.http, "/", say("http"))).status).toBe(308);
    expect((await request(trusting.http, "/")).status).toBe(308);
    // The proxy may speak TLS with us, and its client none with the proxy.
    const denied = await requestTls(trusting.https, "/", toSite, ["X-Forwarded-Proto: http"]);
    expect(denied.status).toBe(308);

    const strict = await start({ routes, forwardedFor: true, trustedProxies: "192.0.2.1" });
    expect((await request(strict.http, "/", say("https"))).status).toBe(308);
  });
});

describe("hsts", () => {
  const routes = [
    { match: { path: "/gone" }, respond: { status: 410 } },
    { match: { path: "/away" }, redirect: "/{host}" },
    { match: { path: "/none" }, backend: "none" },
  ];
  const parts = { hsts: { maxAge: "365d", includeSubdomains: true }, routes };
  // The last one is no request line.
  const targets = ["/", "/gone", "/away", "/none", "//../x", "/ x"];
  const statuses = [200, 410, 302, 503, 400, 400];

  const more = { backends: { none: { servers: { s1: { address: ":9", disabled: true } } } } };

  it("is on every answer over TLS, whoever gives it, and on no other", async () => {
    const { http, https } = await start(parts, secured, more);
    const overTls = await Promise.all(targets.map((target) => requestTls(https, target)));
    expect(overTls.map(({ status }) => status)).toEqual(statuses);
    const value = "max-age=31536000; includeSubDomains";
    expect(overTls.map(({ fields }) => fields["strict-transport-security"])).toEqual(
      targets.map(() => value),
    );
    const plainly = await Promise.all(targets.map((target) => request(http, target)));
    expect(plainly.map(({ status }) => status)).toEqual(statuses);
    expect(plainly.filter(({ fields }) => "strict-transport-security" in fields)).toEqual([]);
  });

  it("is on answers to a trusted proxy, request by request, whose client spoke TLS", async () => {
    const { http } = await start({ ...parts, trustedProxies: "127.0.0.1" }, secured, more);
    const said = [say("https"), { headers: [] }, say("https"), say("http")];
    const requests = said.map(({ headers }) =>
      ["GET /gone HTTP/1.1", "Host: a", ...headers, "\r\n"].join("\r\n"),
    );
    const proxy = await sendRaw(http, requests.join(""));
    await until("all answers", () => proxy.text.split("HTTP/1.1 410 ").length === 5);
    const answers = proxy.text.split("HTTP/1.1 410 ").slice(1);
    expect(
      answers.map((each) => each.includes("strict-transport-security: max-age=31536000")),
    ).toEqual([true, false, true, false]);
  });

  it("leaves servers their own where it is not set", async () => {
    const { http, https } = await start({ routes }, secured, more);
    for (const answer of [await request(http, "/"), await requestTls(https, "/")]) {
      expect(answer.fields["strict-transport-security"]).toBe("max-age=1");
    }
    expect((await requestTls(https, "/gone")).fields).not.toHaveProperty(
      "strict-transport-security",
    );
  });
});

const variables = ["version", "cipher", "sni", "alpn", "resumed", "client.subject"];
const set = {
  ...Object.fromEntries(variables.map((name) => [`x-${name.replace(".", "-")}`, `{tls.${name}}`])),
  "x-scheme": "{scheme}",
};

describe("variables", () => {
  it("tell servers of a client's TLS and certificate", async () => {
    const { http, https } = await start({ request: { headers: { set } } }, asking);
    const certified = { ...toSite, ...credentials(ann), ALPNProtocols: ["http/1.1"] };
    const headers = headersIn(await requestTls(https, "/", certified));
    expect(headers).toMatchObject({
      "x-version": "TLSv1.3",
      "x-cipher": expect.stringMatching(/^TLS_/),
      "x-sni": "a.example",
      "x-alpn": "http/1.1",
      "x-resumed": "false",
      "x-client-subject": "CN=Ann\\, B",
      "x-scheme": "https",
    });

    // Who says it of itself is not believed, with TLS or without.
    const forged = ["X-Client-Subject: CN=root", "X-SNI: b", "X-Version: TLSv9"];
    const nameless = headersIn(await requestTls(https, "/", { ca, checkServerIdentity }, forged));
    expect(nameless).not.toHaveProperty("x-client-subject");
    expect(nameless).not.toHaveProperty("x-sni");
    expect(nameless["x-version"]).toBe("TLSv1.3");
    const plainly = headersIn(await request(http, "/", { headers: forged }));
    expect(Object.keys(plainly).filter((name) => name.startsWith("x-"))).toEqual(["x-scheme"]);
    expect(plainly["x-scheme"]).toBe("http");
  });

  it("tell of a session that was resumed, and whose it is", async () => {
    const { https } = await start({ request: { headers: { set } } }, asking);
    const options = { ...toSite, ...credentials(ann), maxVersion: "TLSv1.2" } as const;
    const first = await connectTls(https, options);
    const session = first.getSession();
    first.destroy();
    const headers = headersIn(await requestTls(https, "/", { ...options, session }));
    expect(headers).toMatchObject({
      "x-resumed": "true",
      "x-version": "TLSv1.2",
      "x-client-subject": "CN=Ann\\, B",
    });
  });
});

function checkServerIdentity(): undefined {}

it("routes ask for the server name and for what the client offers", async () => {
  const { http, https } = await start({
    routes: [
      { match: { sni: "*.a.example" }, respond: { status: 200, body: "below" } },
      { match: { sni: "a.example", alpn: "h2" }, respond: { status: 200, body: "two" } },
      { match: { sni: "a.example" }, respond: { status: 200, body: "itself" } },
    ],
  });
  const ask = async (servername: string, ALPNProtocols: string[]): Promise<string> =>
    (await requestTls(https, "/", { ca, servername, ALPNProtocols })).body.slice(0, 6);
  expect(await ask("b.a.example", ["http/1.1"])).toBe("below");
  expect(await ask("a.example", ["h2", "http/1.1"])).toBe("two");
  expect(await ask("a.example", ["http/1.1"])).toBe("itself");
  expect((await request(http, "/")).body).toMatch(/^\{/);
});

describe("the log", () => {
  const ALPNProtocols = ["http/1.1", "h2"];
  const haproxyLog = { global: { log: { format: "haproxy" } } };

  it.each(["http", "tcp"])("says in json what was agreed on (%s)", async (mode) => {
    const routes = [{ name: "one", match: { sni: "a.example", alpn: "h2" }, backend: "back" }];
    const { ballast, http, https } = await start({ mode, routes }, asking);
    await requestTls(https, "/", { ...toSite, ...credentials(ann), ALPNProtocols });
    await request(http, "/");
    const [over, plainly] = (await ballast.untilLoggedTimes(2)) as readonly Line[];
    expect(over?.tls).toEqual({
      version: "TLSv1.3",
      cipher: expect.stringMatching(/^TLS_/),
      sni: "a.example",
      ...(mode === "http" ? { alpn: "http/1.1" } : {}),
      resumed: false,
      clientSubject: "CN=Ann\\, B",
    });
    expect(over).toMatchObject({ route: "one" });
    expect(over).not.toHaveProperty("sni");
    expect(plainly).not.toHaveProperty("tls");
  });

  it.each(["http", "tcp"] as const)("marks the frontend of HAProxy's lines (%s)", async (mode) => {
    const { ballast, http, https } = await start({ mode }, secured, haproxyLog);
    await requestTls(https, "/");
    await request(http, "/");
    const [over, plainly] = await until("two lines", () =>
      ballast.outLines.length >= 2 ? ballast.outLines : null,
    );
    expect(over).toMatch(/\] front~ back\/s1 /);
    expect(plainly).toMatch(/\] front back\/s1 /);
  });
});
