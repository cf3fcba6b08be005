// Who comes back to the same server, over real sockets: by cookie in its four modes, by a hash of a
// header, by a sticky table; and what becomes of them when that server is down, draining or gone.
import { describe, expect, it } from "vitest";
import { type HttpBallast, pairsConfig, startHttp } from "../support/http-ballast.ts";
import { named, request, type RawResponse, startHttpServer } from "../support/http.ts";
import { planOf } from "../support/library.ts";
import { date } from "../support/persistence.ts";
import { refusingAddress } from "../support/refusing.ts";
import { reactors, type Settings } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const names = ["s1", "s2", "s3"];

/** Three servers that say their names. */
async function startServers(): Promise<Record<string, string>> {
  const servers = await Promise.all(
    names.map(async (name) => [name, (await startHttpServer(named(name))).address] as const),
  );
  return Object.fromEntries(servers);
}

async function start(backend: Settings, global: Settings = {}): Promise<HttpBallast> {
  return await startHttp({ back: { servers: await startServers(), ...backend } }, global);
}

/** The pair `name=value` of a Set-Cookie field; empty when there is none. */
function pairOf({ fields }: RawResponse): string {
  return (fields["set-cookie"] ?? "").split(";")[0] ?? "";
}

function withCookie(ballast: HttpBallast, pair: string): Promise<RawResponse> {
  return request(ballast.at("back"), "/", { headers: [`Cookie: ${pair}`] });
}

/** What the servers that a client is sent to are called, over so many requests. */
async function visits(times: number, ask: () => Promise<RawResponse>): Promise<Set<string>> {
  const found = new Set<string>();
  for (let i = 0; i < times; i++) found.add((await ask()).body);
  return found;
}

describe.each(reactors)("an inserted cookie on the %s reactor", (reactor) => {
  const cookie = { name: "SRV", indirect: true, nocache: true, httpOnly: true };

  it("leads a client back, is the same wherever the server is, and is set once", async () => {
    // Made of names: what stands for s1 here stands for s1 on another address.
    const elsewhere = await start({ cookie }, { reactor });
    const pairs = new Set<string>();
    for (const _ of names) pairs.add(pairOf(await request(elsewhere.at("back"))));
    const ballast = await start({ cookie }, { reactor });
    const firsts = await Promise.all(names.map(() => request(ballast.at("back"))));
    expect(new Set(firsts.map(({ body }) => body))).toEqual(new Set(names));
    for (const first of firsts) {
      expect(pairs).toContain(pairOf(first));
      const field = first.fields["set-cookie"] ?? "";
      expect(field).toMatch(/^SRV=[^;]+; path=\/; HttpOnly$/i);
      expect(first.fields["cache-control"]).toContain("private");
      const again = await withCookie(ballast, pairOf(first));
      expect([again.body, again.fields["set-cookie"]]).toEqual([first.body, undefined]);
      expect(await visits(6, () => withCookie(ballast, pairOf(first)))).toEqual(
        new Set([first.body]),
      );
    }
  });

  it("keeps its clients while the server drains, which gets no others", async () => {
    const ballast = await start({ cookie }, { reactor });
    const first = await request(ballast.at("back"));
    ballast.setServer(`back/${first.body}`, "drain");
    await until("nobody else to be sent there", async () => {
      const found = await visits(6, () => request(ballast.at("back")));
      return !found.has(first.body);
    });
    expect((await withCookie(ballast, pairOf(first))).body).toBe(first.body);
  });

  it("is replaced when its server is in maintenance, or nobody has that value", async () => {
    const ballast = await start({ cookie }, { reactor });
    const first = await request(ballast.at("back"));
    ballast.setServer(`back/${first.body}`, "maint");
    await until("another server to take its client", async () => {
      const moved = await withCookie(ballast, pairOf(first));
      if (moved.body === first.body) return false;
      expect(pairOf(moved)).not.toBe(pairOf(first));
      expect(pairOf(moved)).toMatch(/^SRV=./);
      return true;
    });
    const stray = await withCookie(ballast, "SRV=nobody");
    expect(pairOf(stray)).toMatch(/^SRV=./);
  });
});

it("a cookie's server that refuses: the request is served elsewhere, with that one's cookie", async () => {
  const up = await startHttpServer(named("up"));
  const ballast = await startHttp({
    back: {
      servers: {
        dead: { address: refusingAddress(), cookie: "d" },
        up: { address: up.address, cookie: "u" },
      },
      cookie: { name: "SRV" },
    },
  });
  const answer = await withCookie(ballast, "SRV=d");
  expect([answer.status, answer.body, pairOf(answer)]).toEqual([200, "up", "SRV=u"]);
});

it("a cookie outlives a reload that changes a server's address, and other servers", async () => {
  const servers = await startServers();
  const cookie = { name: "SRV" };
  const ballast = await startHttp({ back: { servers, cookie } });
  const first = await request(ballast.at("back"));
  const { [first.body]: _moved, ...others } = servers;
  const elsewhere = await startHttpServer(named("elsewhere"));
  const changed = { fresh: refusingAddress(), [first.body]: elsewhere.address, ...others };
  const pairs = { back: { servers: changed, cookie } };
  await ballast.supervisor.replace(planOf(pairsConfig(pairs)));
  await until("its client to follow it", async () => {
    const { body } = await withCookie(ballast, pairOf(first));
    return body === "elsewhere";
  });
  expect(await visits(6, () => withCookie(ballast, pairOf(first)))).toEqual(new Set(["elsewhere"]));
});

describe("modes of the cookie", () => {
  it("rewrite: the server sets it, we write the value", async () => {
    const server = await startHttpServer((_asked, response) => {
      response.setHeader("set-cookie", ["other=1", "SRV=whatever; Path=/app"]);
      response.end("s1");
    });
    const servers = { s1: { address: server.address, cookie: "one" } };
    const ballast = await startHttp({
      back: { servers, cookie: { name: "SRV", mode: "rewrite" } },
    });
    const { fields } = await request(ballast.at("back"));
    expect(fields["set-cookie"]).toBe("other=1\nSRV=one; Path=/app");
  });

  it("prefix: ours before the server's value, and taken off on the way back", async () => {
    const server = await startHttpServer((_asked, response) => {
      response.setHeader("set-cookie", "SID=abc");
      response.end("s1");
    });
    const servers = { s1: { address: server.address, cookie: "one" } };
    const ballast = await startHttp({ back: { servers, cookie: { name: "SID", mode: "prefix" } } });
    const first = await request(ballast.at("back"));
    expect(first.fields["set-cookie"]).toBe("SID=one~abc");
    await withCookie(ballast, "a=b; SID=one~abc");
    expect(server.requests.at(-1)?.headers.cookie).toBe("a=b; SID=abc");
  });

  it("passive: we only look", async () => {
    const servers = await startServers();
    const valued = Object.fromEntries(
      Object.entries(servers).map(([name, address]) => [name, { address, cookie: name }]),
    );
    const ballast = await startHttp({
      back: { servers: valued, cookie: { name: "SRV", mode: "passive" } },
    });
    const first = await request(ballast.at("back"));
    expect(first.fields["set-cookie"]).toBeUndefined();
    expect(await visits(6, () => withCookie(ballast, "SRV=s2"))).toEqual(new Set(["s2"]));
  });

  it("indirect: the server does not see it; without, it does", async () => {
    const server = await startHttpServer(named("s1"));
    const servers = { s1: { address: server.address, cookie: "one" } };
    const ballast = await startHttp({
      hidden: { servers, cookie: { name: "SRV", indirect: true } },
      shown: { servers, cookie: { name: "SRV" } },
    });
    const headers = ["Cookie: a=1; SRV=one; b=2"];
    await request(ballast.at("hidden"), "/", { headers });
    await request(ballast.at("shown"), "/", { headers });
    expect(server.requests.map(({ headers: seen }) => seen.cookie)).toEqual([
      "a=1; b=2",
      "a=1; SRV=one; b=2",
    ]);
  });

  it("maxIdle: one that was not seen for too long is not followed, and a new one is given", async () => {
    const servers = await startServers();
    const valued = Object.fromEntries(
      Object.entries(servers).map(([name, address]) => [name, { address, cookie: name }]),
    );
    const ballast = await startHttp({
      back: { servers: valued, cookie: { name: "SRV", maxIdle: "30m" } },
    });
    const nowS = Math.floor(Date.now() / 1000);
    const fresh = `SRV=s2|${date(nowS - 60)}`;
    expect(await visits(6, () => withCookie(ballast, fresh))).toEqual(new Set(["s2"]));
    const old = `SRV=s2|${date(nowS - 3600)}`;
    expect(await visits(6, () => withCookie(ballast, old))).toEqual(new Set(names));
    expect(pairOf(await withCookie(ballast, old))).toMatch(/^SRV=s[123]\|/);
  });
});

describe("without cookies", () => {
  it("a hash of a header sends each value to one server", async () => {
    const ballast = await start({ balance: { hash: "header:x-user" } });
    const ask = (user: number) => (): Promise<RawResponse> =>
      request(ballast.at("back"), "/", { headers: [`X-User: user-${user}`] });
    const found = new Set<string>();
    for (let user = 0; user < 20; user++) {
      const servers = await visits(3, ask(user));
      expect(servers.size).toBe(1);
      for (const server of servers) found.add(server);
    }
    expect(found).toEqual(new Set(names));
  });

  it("a sticky table on a header keeps a client when servers are added", async () => {
    const servers = await startServers();
    const backend = { stick: { on: "header:x-user", expire: "10m", size: "1k" } };
    const { s3, ...two } = servers;
    const ballast = await startHttp({ back: { servers: two, ...backend } });
    const ask = (user: number) => (): Promise<RawResponse> =>
      request(ballast.at("back"), "/", { headers: [`X-User: user-${user}`] });
    const before: string[] = [];
    for (let user = 0; user < 10; user++) before.push((await ask(user)()).body);
    const more = { back: { servers: { ...two, s3 }, ...backend } };
    await ballast.supervisor.replace(planOf(pairsConfig(more)));
    await until("the new server to get clients", async () =>
      (await visits(6, () => request(ballast.at("back")))).has("s3"),
    );
    for (const [user, server] of before.entries()) {
      expect((await ask(user)()).body).toBe(server);
    }
  });
});
