// SIGHUP with files that are wrong, with many signals at once, and under traffic: nothing is lost.
import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { ask, connectClient, startClient } from "../support/clients.ts";
import { refusedReload, reload, sighup } from "../support/reloading.ts";
import {
  answersDigest,
  echoes,
  freePort,
  says,
  startNamedServers,
  startServer,
  type TestServer,
} from "../support/servers.ts";
import { type Servers, tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const refused = "reload refused: the configuration is not valid; everything goes on as before";

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test("an invalid file changes nothing, and every mistake is told with its place", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ server }, { global: { workers } }));
    const { address } = ballast;
    const client = await connectClient(address);
    client.write("one ");
    await client.untilText("one ");
    const wrong = [
      "frontends:",
      "  front: { mode: tcp, bind: 127.0.0.1:0, backend: bcak }",
      "backends:",
      "  back: { servers: { server: 127.0.0.1:port } }",
    ];
    expect(await refusedReload(ballast, wrong.join("\n"))).toBe(refused);
    const problems = ballast.errorLines.filter((line) => line.startsWith(ballast.configFile));
    expect(problems).toEqual([
      expect.stringMatching(/:2:51: unknown backend "bcak".+Did you mean "back"\?$/),
      expect.stringMatching(/:4:30: "127\.0\.0\.1:port".+\.$/),
    ]);
    expect(await ask(address, "x")).toBe("x");
    client.end("two");
    expect((await client.untilEnd()).toString()).toBe("one two");
    // And it is not stuck there: the next valid file counts.
    const other = await startServer(says("other"));
    await reload(ballast, tcpConfig({ other }, { global: { workers } }));
    expect(await ask(address)).toBe("other");
  });

  test("a file that is gone, or is no YAML, changes nothing", async () => {
    const server = await startServer(says("hello"));
    const ballast = await startBallast(tcpConfig({ server }, { global: { workers } }));
    expect(await refusedReload(ballast, "{ frontends: [")).toBe(refused);
    rmSync(ballast.configFile);
    expect((await sighup(ballast)).message).toBe(refused);
    expect(ballast.errorLines.some((line) => line.startsWith(`${ballast.configFile}:1:1: `))).toBe(
      true,
    );
    expect(await ask(ballast.address)).toBe("hello");
  });

  const withServer = (server: TestServer | undefined, port: number | undefined): object =>
    tcpConfig(
      { s: server?.address ?? "" },
      { global: { workers }, frontend: { bind: ["127.0.0.1:0", `127.0.0.1:${port}`] } },
    );

  test("50 signals in a row, each with another file, leave it healthy with the last", async () => {
    const { s1, s2, s3 } = await startNamedServers(3);
    const ports = [await freePort(), await freePort(), await freePort()];
    const ballast = await startBallast(withServer(s1, ports[0]));
    const { address } = ballast;
    for (let i = 1; i <= 50; i++) {
      const valid = i % 2 === 0 ? withServer(s1, ports[0]) : withServer(s2, ports[1]);
      ballast.rewriteConfig(i % 5 === 3 ? "frontends: nonsense" : valid);
      ballast.signal("SIGHUP");
    }
    // What the log says now may still be of the signals before: no other file has this port.
    ballast.rewriteConfig(withServer(s3, ports[2]));
    await until("the last file to count", async () => {
      const { message, addresses } = await sighup(ballast);
      return message.startsWith("reloaded") && String(addresses).includes(`:${ports[2]}`);
    });
    expect(await ask(address)).toBe("s3");
    expect(await ask(`127.0.0.1:${ports[2]}`)).toBe("s3");
    for (const port of ports.slice(0, 2)) {
      expect(await startClient(`127.0.0.1:${port}`).untilEnding()).toBe("ECONNREFUSED");
    }
    expect(await ballast.stop()).toBe(0);
  });

  test("reloads under traffic lose nothing: long transfers arrive intact, new sessions succeed", async () => {
    const digests = await startServer(answersDigest);
    const { s1, s2 } = await startNamedServers(2);
    const config = (servers: object): object =>
      tcpConfig(servers as Servers, {
        global: { workers },
        backends: { uploads: { servers: { digests: digests.address } } },
        frontends: { up: { mode: "tcp", bind: "127.0.0.1:0", backend: "uploads" } },
      });
    const ballast = await startBallast(config({ s1, s2 }));
    const [address = "", uploads = ""] = ballast.addresses;
    const chunk = randomBytes(64 * 1024);
    const stopping = new AbortController();
    const upload = async (): Promise<void> => {
      const hash = createHash("sha256");
      const client = await connectClient(uploads);
      while (!stopping.signal.aborted) {
        hash.update(chunk);
        client.write(chunk);
        await until("the kernel to take it", () => client.socket.writableLength < 1024 * 1024);
      }
      client.end();
      expect((await client.untilEnd()).toString()).toBe(hash.digest("hex"));
    };
    const asking = async (): Promise<void> => {
      while (!stopping.signal.aborted) expect(await ask(address)).toMatch(/^s[12]$/);
    };
    const traffic = Promise.all([upload(), upload(), asking(), asking()]);
    traffic.catch(() => {});
    for (let i = 0; i < 15; i++) await reload(ballast, config(i % 2 === 0 ? { s1 } : { s1, s2 }));
    stopping.abort();
    await traffic;
    const lines = await ballast.untilLoggedTimes(4);
    expect(lines.filter(({ termination }) => termination !== "--")).toEqual([]);
  });
});
