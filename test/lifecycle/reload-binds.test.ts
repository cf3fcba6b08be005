// SIGHUP with other frontends and binds: what opens, what closes, what moves without a gap.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { addressOf, ask, connectClient, startClient } from "../support/clients.ts";
import { refusedReload, reload } from "../support/reloading.ts";
import { echoes, freePort, greets, says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

/** The frontends of a configuration, all on backend `back`. */
function frontends(binds: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(binds).map(([name, bind]) => [
    name,
    { mode: "tcp", bind, backend: "back" },
  ]);
  return Object.fromEntries(entries) as object;
}

async function endingOf(address: string): Promise<string> {
  const client = startClient(address);
  client.end();
  return client.untilEnding();
}

/** Asks without a pause until stopped: none of its connections may be refused or reset. */
function askContinuously(address: string, expected: string): { stop: () => Promise<number> } {
  const stopping = new AbortController();
  let asked = 0;
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      expect(await ask(address)).toBe(expected);
      asked++;
    }
  };
  const loops = Promise.all(Array.from({ length: 4 }, loop));
  // A failure is told by stop(), not before somebody listens.
  loops.catch(() => {});
  return {
    stop: async () => {
      stopping.abort();
      await loops;
      return asked;
    },
  };
}

describe.each([1, 2])("with %i worker(s)", (workers) => {
  const start = async (
    binds: Readonly<Record<string, unknown>>,
    server: { address: string },
  ): Promise<{
    ballast: Ballast;
    config: (binds: Readonly<Record<string, unknown>>) => object;
  }> => {
    const config = (next: Readonly<Record<string, unknown>>): object => ({
      ...tcpConfig({ s1: server.address }, { global: { workers } }),
      frontends: frontends(next),
    });
    return { ballast: await startBallast(config(binds)), config };
  };

  test("a new bind opens beside the old one, a removed one closes and keeps its sessions", async () => {
    const server = await startServer(echoes);
    const first = `127.0.0.1:${await freePort()}`;
    const { ballast, config } = await start({ front: first }, server);
    const client = await connectClient(first);
    client.write("one ");
    await client.untilText("one ");
    const second = `127.0.0.1:${await freePort()}`;
    await reload(ballast, config({ front: [first, second] }));
    expect(ballast.addresses).toEqual([first, second]);
    expect(await ask(first, "a")).toBe("a");
    expect(await ask(second, "b")).toBe("b");
    await reload(ballast, config({ front: second }));
    expect(await endingOf(first)).toBe("ECONNREFUSED");
    expect(await ask(second, "c")).toBe("c");
    client.end("two");
    expect((await client.untilEnd()).toString()).toBe("one two");
  });

  test("a removed frontend stops accepting, its sessions go on under its name", async () => {
    const server = await startServer(echoes);
    const first = `127.0.0.1:${await freePort()}`;
    const second = `127.0.0.1:${await freePort()}`;
    const { ballast, config } = await start({ one: first, two: second }, server);
    const client = await connectClient(first);
    client.write("one ");
    await client.untilText("one ");
    const own = addressOf(client);
    await reload(ballast, config({ two: second }));
    expect(await endingOf(first)).toBe("ECONNREFUSED");
    expect(await ask(second, "x")).toBe("x");
    client.end("two");
    expect((await client.untilEnd()).toString()).toBe("one two");
    const line = await ballast.untilLogged(({ client: peer }) => peer === own);
    expect(line).toMatchObject({ frontend: "one", bind: first, termination: "--" });
  });

  test("a renamed frontend goes on listening; its old sessions keep the old name", async () => {
    const server = await startServer(echoes);
    const bind = `127.0.0.1:${await freePort()}`;
    const { ballast, config } = await start({ before: bind }, server);
    const client = await connectClient(bind);
    client.write("one ");
    await client.untilText("one ");
    const own = addressOf(client);
    await reload(ballast, config({ after: bind }));
    expect(await ask(bind, "x")).toBe("x");
    client.end("two");
    await client.untilEnd();
    const lines = await ballast.untilLoggedTimes(2);
    expect(lines.find(({ client: peer }) => peer === own)?.frontend).toBe("before");
    expect(lines.find(({ client: peer }) => peer !== own)?.frontend).toBe("after");
  });

  test("a bind that moves between frontends for 20 reloads refuses and resets nobody", async () => {
    const server = await startServer(says("hello"));
    const moving = `127.0.0.1:${await freePort()}`;
    const one = `127.0.0.1:${await freePort()}`;
    const two = `127.0.0.1:${await freePort()}`;
    const { ballast, config } = await start({ one: [one, moving], two }, server);
    const asking = askContinuously(moving, "hello");
    for (let i = 0; i < 10; i++) {
      await reload(ballast, config({ one, two: [two, moving] }));
      await reload(ballast, config({ one: [one, moving], two }));
    }
    const asked = await asking.stop();
    expect(asked).toBeGreaterThan(20);
    const lines = await ballast.untilLoggedTimes(asked);
    expect(new Set(lines.map(({ termination }) => termination))).toEqual(new Set(["--"]));
    // Both frontends had it while connections came.
    expect(new Set(lines.map(({ frontend }) => frontend))).toEqual(new Set(["one", "two"]));
  });

  test("a bind may become the wildcard of its port and back", async () => {
    const server = await startServer(says("hello"));
    const port = await freePort("0.0.0.0");
    const [own, any, other] = ["127.0.0.1", "0.0.0.0", "127.0.0.2"].map((ip) => `${ip}:${port}`);
    const { ballast, config } = await start({ front: own }, server);
    for (const bind of [any, [any, own], own, [own, any], any]) {
      await reload(ballast, config({ front: bind }));
      expect(await ask(own as string)).toBe("hello");
      const elsewhere = bind === own ? "ECONNREFUSED" : "fin";
      expect(await endingOf(other as string)).toBe(elsewhere);
    }
  });

  test("a bind that cannot be opened: refused, and everything is as before", async () => {
    const server = await startServer(says("hello"));
    const other = await startServer(says("other"));
    const first = `127.0.0.1:${await freePort()}`;
    const fresh = `127.0.0.1:${await freePort()}`;
    const { ballast, config } = await start({ front: first }, server);
    const next = {
      ...config({ front: [fresh, other.address] }),
      backends: { back: { servers: { s1: other.address } } },
    };
    expect(await refusedReload(ballast, next)).toBe(
      "reload refused, everything goes on as before: " +
        `frontend front cannot listen on ${other.address}: it is already in use; ` +
        "stop the other program (ss -ltnp shows it) or choose another port",
    );
    expect(await ask(first)).toBe("hello");
    // What could be opened for the plan is closed again.
    expect(await endingOf(fresh)).toBe("ECONNREFUSED");
    await reload(ballast, config({ front: [first, fresh] }));
    expect(await ask(fresh)).toBe("hello");
  });

  test("a unix socket comes and goes with its bind", async () => {
    const server = await startServer(echoes);
    const { ballast, config } = await start({ front: "127.0.0.1:0" }, server);
    const path = join(ballast.folder, "front.sock");
    await reload(ballast, config({ front: ["127.0.0.1:0", `unix:${path}`] }));
    const client = await connectClient(`unix:${path}`);
    client.write("one ");
    await client.untilText("one ");
    await reload(ballast, config({ front: "127.0.0.1:0" }));
    expect(existsSync(path)).toBe(false);
    client.end("two");
    expect((await client.untilEnd()).toString()).toBe("one two");
  });

  test("acceptProxy switched on and off is effective on the open bind", async () => {
    const server = await startServer(greets("hello"));
    const address = `127.0.0.1:${await freePort()}`;
    const { ballast, config } = await start({ front: address }, server);
    const header = "PROXY TCP4 192.0.2.7 192.0.2.8 1111 2222\r\n";
    await reload(ballast, config({ front: { address, acceptProxy: true } }));
    const proxied = await connectClient(address);
    proxied.write(header);
    await proxied.untilText("hello");
    proxied.reset();
    await ballast.untilLogged(({ client }) => client === "192.0.2.7:1111");
    await reload(ballast, config({ front: { address, acceptProxy: false } }));
    const plain = await connectClient(address);
    plain.write(header);
    await plain.untilText("hello");
    const peer = await until("the second session", () => server.peers[1]);
    // Without acceptProxy the header is only data.
    expect((await peer.untilBytes(header.length)).toString()).toBe(header);
  });

  test("a smaller maxconn makes newcomers wait, a larger one lets them in", async () => {
    const server = await startServer(greets("hello"));
    const config = (maxconn: number): object =>
      tcpConfig({ server }, { global: { workers }, frontend: { maxconn } });
    const ballast = await startBallast(config(2));
    const { address } = ballast;
    await (await connectClient(address)).untilText("hello");
    await (await connectClient(address)).untilText("hello");
    const waiting = await connectClient(address);
    await ballast.untilMessage(({ message }) => message.includes("maxconn of 2"));
    expect(waiting.bytes).toBe(0);
    await reload(ballast, config(3));
    await waiting.untilText("hello");
  });
});
