// The same head again and again: what a worker knows of it must never stand for what is different this time.
// Two clients with two addresses ask in turns.
import { describe, expect, it, test } from "vitest";
import { type HttpServer, named, startHttpServer } from "../support/http.ts";
import { Asker, type AskOptions, startHttp } from "../support/http-ballast.ts";
import { startScriptedServer } from "../support/http-exchange.ts";
import type { Settings } from "../support/tcp-config.ts";

const addresses = ["127.0.0.1", "127.0.0.2"] as const;
/** More than it takes for a head to be known; half of them are each client's. */
const rounds = 24;

interface Asked {
  /** What reached the server, by the client's address: the fields of each request, in lower case. */
  readonly seen: ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;
  /** What came back. */
  readonly got: ReadonlyMap<string, readonly Readonly<Record<string, string>>[]>;
  readonly server: HttpServer;
}

/** Both clients ask, in turns, a frontend with these settings in front of one server. */
async function askInTurns(
  frontend: Settings,
  backend: Settings = {},
  options: AskOptions = {},
): Promise<Asked> {
  const server = await startHttpServer(named("one"));
  const pair = { servers: { s1: server.address }, frontend, ...backend };
  const ballast = await startHttp({ web: pair });
  const seen = new Map<string, Record<string, unknown>[]>();
  const got = new Map<string, Record<string, string>[]>();
  const askers = new Map<string, Asker>();
  for (const address of addresses) {
    askers.set(address, await Asker.connect(ballast.at("web"), address));
    seen.set(address, []);
    got.set(address, []);
  }
  for (let round = 0; round < rounds; round++) {
    // Each as often behind itself as behind the other one.
    const address = addresses[(round >> 1) & 1] as string;
    const asker = askers.get(address) as Asker;
    asker.send("/same", options);
    const { status, fields, body } = await asker.next(options.method);
    expect([status, body]).toEqual([200, options.method === "HEAD" ? "" : "one"]);
    seen.get(address)?.push({ ...server.requests.at(-1)?.headers });
    got.get(address)?.push({ ...fields });
  }
  return { seen, got, server };
}

/** What each request of a client said under a name. */
function told({ seen }: Asked, address: string, name: string): unknown[] {
  return (seen.get(address) ?? []).map((fields) => fields[name]);
}

function always<T>(value: T): T[] {
  return Array.from({ length: rounds / 2 }, () => value);
}

describe.runIf(process.platform === "linux")("a request that comes again", () => {
  it.each([
    [true, "x-forwarded-for", (address: string) => address],
    ["rfc7239", "forwarded", (address: string) => `for=${address};host=example.com;proto=http`],
  ] as const)("names its own client: forwardedFor %s", async (forwardedFor, name, expected) => {
    const asked = await askInTurns({ forwardedFor });
    for (const address of addresses) {
      expect(told(asked, address, name)).toEqual(always(expected(address)));
    }
  });

  it("is believed from a trusted proxy and from nobody else", async () => {
    const frontend = { forwardedFor: true, trustedProxies: ["127.0.0.2"] };
    const fields = ["X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https"];
    const asked = await askInTurns(frontend, {}, { fields });
    expect(told(asked, "127.0.0.1", "x-forwarded-for")).toEqual(always("127.0.0.1"));
    expect(told(asked, "127.0.0.1", "x-forwarded-proto")).toEqual(always("http"));
    expect(told(asked, "127.0.0.2", "x-forwarded-for")).toEqual(always("192.0.2.7, 127.0.0.2"));
    expect(told(asked, "127.0.0.2", "x-forwarded-proto")).toEqual(always("https"));
  });

  it("has an id of its own", async () => {
    const asked = await askInTurns({ requestId: true });
    const ids = addresses.flatMap((address) => told(asked, address, "x-request-id"));
    expect(new Set(ids).size).toBe(rounds);
  });

  it("with an id is routed by what that is worth, from whom it comes", async () => {
    const [one, two] = [await startHttpServer(named("plain")), await startHttpServer(named("vip"))];
    const routes = [{ match: { header: { "X-Request-Id": "vip" } }, backend: "vip" }];
    const frontend = { routes, requestId: true, trustedProxies: ["127.0.0.2"] };
    const ballast = await startHttp({
      web: { servers: { s1: one.address }, frontend },
      vip: { servers: { s2: two.address } },
    });
    const askers = [
      await Asker.connect(ballast.at("web"), "127.0.0.1"),
      await Asker.connect(ballast.at("web"), "127.0.0.2"),
    ];
    for (let round = 0; round < rounds; round++) {
      const asker = askers[(round >> 1) & 1] as Asker;
      asker.send("/same", { fields: ["X-Request-Id: vip"] });
      expect((await asker.next()).body).toBe(((round >> 1) & 1) === 0 ? "plain" : "vip");
    }
  });

  it("has variables of its own, in what is sent on and in what is answered", async () => {
    const rewrites = {
      request: { headers: { set: { "x-client": "{client.ip}", "x-fixed": "yes" } } },
      response: { headers: { set: { "x-for": "{client.ip}" } } },
    };
    const asked = await askInTurns(rewrites);
    for (const address of addresses) {
      expect(told(asked, address, "x-client")).toEqual(always(address));
      expect(told(asked, address, "x-fixed")).toEqual(always("yes"));
      expect(asked.got.get(address)?.map((fields) => fields["x-for"])).toEqual(always(address));
    }
  });

  it("is rewritten each time by what has no variables", async () => {
    const rewrites = {
      request: {
        headers: { set: { "x-fixed": "yes" }, remove: ["accept"] },
        path: { addPrefix: "/a" },
      },
      response: { headers: { set: { "x-also": "fixed" } } },
    };
    const asked = await askInTurns(rewrites, {}, { fields: ["Accept: text/html"] });
    for (const address of addresses) {
      expect(told(asked, address, "x-fixed")).toEqual(always("yes"));
      expect(told(asked, address, "accept")).toEqual(always(undefined));
      expect(asked.got.get(address)?.map((fields) => fields["x-also"])).toEqual(always("fixed"));
    }
    expect(new Set(asked.server.requests.map(({ url }) => url))).toEqual(new Set(["/a/same"]));
  });

  it("leaves its cookie where it belongs", async () => {
    const cookie = { name: "srv", mode: "insert", indirect: true };
    const asked = await askInTurns({}, { cookie }, { fields: ["Cookie: other=1"] });
    for (const address of addresses) {
      expect(told(asked, address, "cookie")).toEqual(always("other=1"));
      for (const fields of asked.got.get(address) ?? [])
        expect(fields["set-cookie"]).toMatch(/^srv=/);
    }
  });

  it("gets the cookie of the server that answers it", async () => {
    const servers = [await startHttpServer(named("same")), await startHttpServer(named("same"))];
    const [one, two] = servers.map(({ address }) => address);
    const cookie = { name: "srv", mode: "insert" };
    const ballast = await startHttp({ web: { servers: { s1: one, s2: two }, cookie } });
    const asker = await Asker.connect(ballast.at("web"));
    const cookies = [new Set<string>(), new Set<string>()];
    for (let round = 0; round < rounds; round++) {
      const before = servers[0]?.requests.length;
      asker.send("/same");
      const { fields } = await asker.next();
      const answeredBy = servers[0]?.requests.length === before ? 1 : 0;
      cookies[answeredBy]?.add(fields["set-cookie"] ?? "");
    }
    expect(cookies.map(({ size }) => size)).toEqual([1, 1]);
    expect(cookies[0]).not.toEqual(cookies[1]);
  });

  it("asks its server to go on only if nobody has said so", async () => {
    const server = await startHttpServer(named("one"));
    server.server.on("checkContinue", (asked, response) => {
      response.writeContinue();
      server.server.emit("request", asked, response);
    });
    const routes = [{ match: { body: { contains: "x" } }, backend: "web" }];
    const pair = { servers: { s1: server.address }, frontend: { routes } };
    const ballast = await startHttp({ web: pair });
    const asker = await Asker.connect(ballast.at("web"));
    const head =
      "POST /same HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    const expected: (string | undefined)[] = [];
    for (let round = 0; round < rounds; round++) {
      // The route has to see the body: who sends it at once need not be told to.
      const waits = round % 4 < 2;
      asker.peer.write(waits ? head : `${head}hello`);
      const first = await asker.next("POST");
      expect(first.status).toBe(100);
      if (waits) asker.peer.write("hello");
      expect((await asker.next("POST")).status).toBe(200);
      expected.push(waits ? undefined : "100-continue");
    }
    expect(server.requests.map(({ headers }) => headers.expect)).toEqual(expected);
  });

  it("takes the route of its source, and of its bind's frontend", async () => {
    const [one, two] = [await startHttpServer(named("one")), await startHttpServer(named("two"))];
    const routes = [{ match: { source: "127.0.0.2" }, backend: "other" }];
    const ballast = await startHttp({
      web: { servers: { s1: one.address }, frontend: { routes } },
      other: { servers: { s2: two.address } },
    });
    const [first, second] = [
      await Asker.connect(ballast.at("web"), "127.0.0.1"),
      await Asker.connect(ballast.at("web"), "127.0.0.2"),
    ];
    const elsewhere = await Asker.connect(ballast.at("other"), "127.0.0.1");
    for (let round = 0; round < rounds; round++) {
      for (const [asker, expected] of [
        [first, "one"],
        [second, "two"],
        [elsewhere, "two"],
      ] as const) {
        asker.send("/same");
        expect((await asker.next()).body).toBe(expected);
      }
    }
  });

  it("names the server that gets it, and each server's own host", async () => {
    const servers = [await startHttpServer(named("one")), await startHttpServer(named("two"))];
    const [one, two] = servers.map(({ address }) => address);
    const frontend = { request: { host: "server" } };
    const ballast = await startHttp({ web: { servers: { s1: one, s2: two }, frontend } });
    const asker = await Asker.connect(ballast.at("web"));
    for (let round = 0; round < rounds; round++) {
      asker.send("/same");
      await asker.next();
    }
    for (const { requests, address } of servers) {
      expect(requests.map(({ headers }) => headers.host)).toEqual(always(address));
    }
  });

  it("is refused where it is too long, though another frontend takes it", async () => {
    const server = await startHttpServer(named("one"));
    const servers = { s1: server.address };
    const ballast = await startHttp({
      wide: { servers },
      narrow: { servers, frontend: { limits: { headSize: "1KiB" } } },
    });
    const fields = [`X-Pad: ${"p".repeat(1500)}`];
    const wide = await Asker.connect(ballast.at("wide"));
    for (let round = 0; round < rounds; round++) {
      wide.send("/same", { fields });
      expect((await wide.next()).status).toBe(200);
      const narrow = await Asker.connect(ballast.at("narrow"));
      narrow.send("/same", { fields });
      expect((await narrow.next()).status).toBe(431);
    }
  });

  it("is told from all others, however many there are", async () => {
    const server = await startHttpServer((asked, response) => {
      response.setHeader("x-target", asked.url ?? "");
      response.end(asked.url);
    });
    const ballast = await startHttp({ web: { servers: { s1: server.address } } });
    const asker = await Asker.connect(ballast.at("web"));
    const targets = Array.from({ length: 300 }, (_, i) => `/${1000 + i}`);
    for (const target of targets) {
      for (let time = 0; time < 3; time++) {
        asker.send(target);
        const { body, fields } = await asker.next();
        expect([body, fields["x-target"]]).toEqual([target, target]);
      }
    }
  });

  it("carries a body of its own", async () => {
    const bodies: string[] = [];
    const server = await startHttpServer((asked, response) => {
      const pieces: Buffer[] = [];
      asked.on("data", (piece: Buffer) => pieces.push(piece));
      asked.on("end", () => {
        bodies.push(Buffer.concat(pieces).toString("latin1"));
        response.end("taken");
      });
    });
    const ballast = await startHttp({ web: { servers: { s1: server.address } } });
    const asker = await Asker.connect(ballast.at("web"));
    const sent: string[] = [];
    // Some fit behind the head that is known, some do not.
    for (const length of [5, 3000, 4500, 15_000]) {
      for (let round = 0; round < rounds; round++) {
        const body = String.fromCharCode(0x61 + round).repeat(length);
        sent.push(body);
        asker.send("/same", { method: "POST", body });
        expect((await asker.next()).body).toBe("taken");
      }
    }
    expect(bodies.map((body) => body.length)).toEqual(sent.map((body) => body.length));
    expect(bodies).toEqual(sent);
  });
});

describe("a response that comes again", () => {
  it("is framed for each client, and ends the connection of who asked for that", async () => {
    const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n";
    const server = await startScriptedServer({
      "/same": (peer) => peer.write(chunked),
    });
    const ballast = await startHttp({ web: { servers: { s1: server.address } } });
    const stays = await Asker.connect(ballast.at("web"));
    for (let round = 0; round < rounds; round++) {
      stays.send("/same");
      const kept = await stays.next();
      expect(kept.fields["transfer-encoding"]).toBe("chunked");
      expect([kept.body, kept.fields["connection"]]).toEqual(["one", undefined]);
      const leaves = await Asker.connect(ballast.at("web"));
      leaves.send("/same", { fields: ["Connection: close"] });
      const last = await leaves.next();
      expect([last.body, last.fields["connection"]]).toEqual(["one", "close"]);
      const old = await Asker.connect(ballast.at("web"));
      old.peer.write("GET /same HTTP/1.0\r\nHost: example.com\r\n\r\n");
      const plain = await old.next();
      expect(plain.fields["transfer-encoding"]).toBeUndefined();
      expect([plain.body, plain.fields["connection"]]).toEqual(["one", "close"]);
    }
  });

  it("to HEAD has no body, to GET it has", async () => {
    const server = await startScriptedServer({
      "/same": (peer, head) => {
        const body = head.startsWith("HEAD ") ? "" : "one";
        peer.write(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n${body}`);
      },
    });
    const ballast = await startHttp({ web: { servers: { s1: server.address } } });
    const asker = await Asker.connect(ballast.at("web"));
    for (let round = 0; round < rounds; round++) {
      for (const method of ["GET", "HEAD"]) {
        asker.send("/same", { method });
        const { body, fields } = await asker.next(method);
        expect([body, fields["content-length"]]).toEqual([method === "GET" ? "one" : "", "3"]);
      }
    }
  });

  it("says hsts only to whom it came over TLS", async () => {
    const server = await startHttpServer(named("one"));
    const frontend = { hsts: true, trustedProxies: ["127.0.0.0/8"], forwardedFor: true };
    const ballast = await startHttp({ web: { servers: { s1: server.address }, frontend } });
    const asker = await Asker.connect(ballast.at("web"));
    for (let round = 0; round < rounds; round++) {
      for (const scheme of ["http", "https"]) {
        asker.send("/same", { fields: [`X-Forwarded-Proto: ${scheme}`] });
        const { fields } = await asker.next();
        expect(fields["strict-transport-security"] !== undefined).toBe(scheme === "https");
      }
    }
  });

  it.each([10, 5000, 20_000])("has a body of its own, of %i bytes", async (length) => {
    let count = 0;
    const server = await startScriptedServer({
      "/same": (peer) => {
        const body = String.fromCharCode(0x61 + (count++ % 26)).repeat(length);
        peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`);
      },
    });
    const ballast = await startHttp({ web: { servers: { s1: server.address } } });
    const asker = await Asker.connect(ballast.at("web"));
    for (let round = 0; round < 26; round++) {
      asker.send("/same");
      const { body } = await asker.next();
      expect(body === String.fromCharCode(0x61 + round).repeat(length)).toBe(true);
    }
  });
});

test("who repeats itself is sent elsewhere when the configuration says so", async () => {
  const [one, two] = [await startHttpServer(named("one")), await startHttpServer(named("two"))];
  const ballast = await startHttp({
    web: {
      servers: { s1: one.address, s2: two.address },
      frontend: { forwardedFor: true },
    },
  });
  const asker = await Asker.connect(ballast.at("web"));
  const answers = async (): Promise<Set<string>> => {
    const bodies = new Set<string>();
    for (let round = 0; round < rounds; round++) {
      asker.send("/same");
      bodies.add((await asker.next()).body);
    }
    return bodies;
  };
  expect(await answers()).toEqual(new Set(["one", "two"]));
  ballast.setServer("web/s1", "maint");
  expect(await answers()).toEqual(new Set(["two"]));
});
