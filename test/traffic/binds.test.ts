// Where a frontend listens and what it connects to: several binds at once, IPv4, IPv6 and unix
// sockets, on either side.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { ask, connectClient } from "../support/clients.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { payload, sha256 } from "../support/payload.ts";
import { header1, readHeader } from "../support/proxy-header.ts";
import { answersDigest, echoes, says, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ballast-unix-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe.each(reactors)("on the %s reactor", (reactor) => {
  it("one frontend serves several binds of all families", async () => {
    const server = await startServer(echoes);
    const path = `unix:${join(newFolder(), "front.sock")}`;
    const binds = ["127.0.0.1:0", "127.0.0.1:0", "[::1]:0", path];
    const ballast = await startBallast(
      tcpConfig({ server }, { ...onReactor(reactor), frontend: { bind: binds } }),
    );
    expect(ballast.addresses).toHaveLength(4);
    expect(new Set(ballast.addresses).size).toBe(4);
    for (const [i, address] of ballast.addresses.entries()) {
      expect(await ask(address, `through ${i}`)).toBe(`through ${i}`);
    }
    const lines = await ballast.untilLoggedTimes(4);
    expect(lines.map(({ bind }) => bind)).toEqual(ballast.addresses);
    expect(lines.map(({ termination }) => termination)).toEqual(["--", "--", "--", "--"]);
  });

  it("acceptProxy is a matter of each bind", async () => {
    const server = await startServer(echoes);
    const bind = ["127.0.0.1:0", { address: "127.0.0.1:0", acceptProxy: true }];
    const ballast = await startBallast(
      tcpConfig({ server }, { ...onReactor(reactor), frontend: { bind } }),
    );
    const [plain = "", proxied = ""] = ballast.addresses;
    const header = header1("203.0.113.7", 4321);
    expect(await ask(plain, header)).toBe(header.toString());
    expect(await ask(proxied, Buffer.concat([header, Buffer.from("data")]))).toBe("data");
  });

  it("IPv6 clients and servers are named in the log", async () => {
    const server = await startServer(says("six"), "[::1]:0");
    const ballast = await startBallast(
      tcpConfig({ server }, { ...onReactor(reactor), frontend: { bind: "[::1]:0" } }),
    );
    const client = await connectClient(ballast.address);
    const address = client.address;
    expect((await client.untilEnd()).toString()).toBe("six");
    client.end();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ client: address, serverAddress: server.address });
    expect(line.client).toMatch(/^\[::1\]:\d+$/);
    expect(line.bind).toBe(ballast.address);
  });

  it("unix sockets on both sides carry data whole", async () => {
    const folder = newFolder();
    const server = await startServer(answersDigest, `unix:${join(folder, "server.sock")}`);
    const bind = `unix:${join(folder, "front.sock")}`;
    const ballast = await startBallast(
      tcpConfig({ server }, { ...onReactor(reactor), frontend: { bind } }),
    );
    const data = payload(5_000_000);
    expect(await ask(bind, data)).toBe(sha256(data));
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({
      client: bind,
      bind,
      serverAddress: server.address,
      bytesIn: 5_000_000,
      bytesOut: 64,
      termination: "--",
    });
  });

  it("a unix server that is gone is redispatched from", async () => {
    const folder = newFolder();
    const good = await startServer(says("good"));
    const ballast = await startBallast(
      tcpConfig({ gone: `unix:${join(folder, "gone.sock")}`, good }, onReactor(reactor)),
    );
    for (let i = 0; i < 4; i++) expect(await ask(ballast.address)).toBe("good");
  });

  it("a client on a unix socket is no address for a PROXY header of version 1", async () => {
    const bind = `unix:${join(newFolder(), "front.sock")}`;
    const server = await startServer(() => {});
    const parts = { ...onReactor(reactor), frontend: { bind }, backend: { sendProxy: "v1" } };
    await startBallast(tcpConfig({ server }, parts));
    const client = await connectClient(bind);
    client.write("data");
    const peer = await server.peer();
    await peer.untilText("data");
    const seen = await until("a header", () => readHeader(peer.content));
    expect(seen).toMatchObject({ version: 1, protocol: "UNKNOWN" });
    expect(seen.rest.toString()).toBe("data");
  });
});

describe("two frontends", () => {
  it("keep to their own backends", async () => {
    const [red, blue] = await Promise.all([startServer(says("red")), startServer(says("blue"))]);
    const ballast = await startBallast({
      global: { workers: 2, admin: "off" },
      frontends: {
        red: { mode: "tcp", bind: "127.0.0.1:0", backend: "reds" },
        blue: { mode: "tcp", bind: "127.0.0.1:0", backend: "blues" },
      },
      backends: {
        blues: { servers: { one: blue.address } },
        reds: { servers: { one: red.address } },
      },
    });
    const [redAddress = "", blueAddress = ""] = ballast.addresses;
    for (let i = 0; i < 5; i++) {
      expect(await ask(redAddress)).toBe("red");
      expect(await ask(blueAddress)).toBe("blue");
    }
    const lines = await ballast.untilLoggedTimes(10);
    for (const { frontend, backend } of lines) expect(backend).toBe(`${frontend}s`);
  });

  it("a unix bind serves two workers", async () => {
    const server = await startServer(echoes);
    const bind = `unix:${join(newFolder(), "front.sock")}`;
    await startBallast(tcpConfig({ server }, { global: { workers: 2 }, frontend: { bind } }));
    const questions = Array.from({ length: 50 }, (_, i) => `question ${i}`);
    const answers = await Promise.all(questions.map((question) => ask(bind, question)));
    expect(answers).toEqual(questions);
  });
});
