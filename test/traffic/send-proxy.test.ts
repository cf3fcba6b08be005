// sendProxy: the header that opens a connection to a server tells it the client's address, comes
// before everything else, and comes once; servers may differ.
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import { payload, sha256 } from "../support/payload.ts";
import type { Peer } from "../support/peer.ts";
import { readHeader, type SeenHeader } from "../support/proxy-header.ts";
import { says, startServer } from "../support/servers.ts";
import { startSilentAddress } from "../support/server-programs.ts";
import { until } from "../support/until.ts";

const silent = (): void => {};

function untilHeader(peer: Peer): Promise<SeenHeader> {
  return until("a PROXY protocol header", () => readHeader(peer.content));
}

describe.each(reactors)("on the %s reactor", (reactor) => {
  it.each([1, 2] as const)(
    "v%i tells both addresses of the client's connection",
    async (version) => {
      const server = await startServer(silent);
      const parts = { ...onReactor(reactor), backend: { sendProxy: `v${version}` } };
      const ballast = await startBallast(tcpConfig({ server }, parts));
      const client = await connectClient(ballast.address);
      const seen = await untilHeader(await server.peer());
      expect(seen).toEqual({
        version,
        protocol: "TCP4",
        source: client.address,
        destination: ballast.address,
        rest: Buffer.alloc(0),
      });
    },
  );

  it.each([1, 2] as const)("v%i speaks IPv6", async (version) => {
    const server = await startServer(silent);
    const ballast = await startBallast(
      tcpConfig(
        { server },
        {
          ...onReactor(reactor),
          frontend: { bind: "[::1]:0" },
          backend: { sendProxy: `v${version}` },
        },
      ),
    );
    const client = await connectClient(ballast.address);
    const seen = await untilHeader(await server.peer());
    expect(seen).toMatchObject({
      version,
      protocol: "TCP6",
      source: client.address,
      destination: ballast.address,
    });
  });

  it("comes once, before a long transfer, and counts for nobody", async () => {
    const data = payload(2_000_000);
    const server = await startServer(silent);
    const parts = { ...onReactor(reactor), backend: { sendProxy: "v2" } };
    const ballast = await startBallast(tcpConfig({ server }, parts));
    const client = await connectClient(ballast.address);
    client.end(data);
    const peer = await server.peer();
    await peer.untilEnd();
    peer.end();
    const seen = await untilHeader(peer);
    expect(sha256(seen.rest)).toBe(sha256(data));
    expect(await ballast.untilLogged()).toMatchObject({ bytesIn: 2_000_000, bytesOut: 0 });
  });

  it("comes even when the server speaks first and the client never", async () => {
    const server = await startServer(says("welcome"));
    const parts = { ...onReactor(reactor), backend: { sendProxy: "v1" } };
    const ballast = await startBallast(tcpConfig({ server }, parts));
    const client = await connectClient(ballast.address);
    expect((await client.untilEnd()).toString()).toBe("welcome");
    expect(await untilHeader(await server.peer())).toMatchObject({ source: client.address });
  });
});

describe("a server's own sendProxy", () => {
  it("goes before its backend's", async () => {
    const [first, second, plain] = await Promise.all([
      startServer(silent),
      startServer(silent),
      startServer(silent),
    ]);
    const servers = {
      first,
      second: { address: second.address, sendProxy: "v2" },
      plain: { address: plain.address, sendProxy: "off" },
    };
    const ballast = await startBallast(tcpConfig(servers, { backend: { sendProxy: "v1" } }));
    for (let i = 0; i < 3; i++) (await connectClient(ballast.address)).write("data");
    const peers = await Promise.all([first, second, plain].map((server) => server.peer()));
    expect(await untilHeader(peers[0] as Peer)).toMatchObject({ version: 1 });
    expect(await untilHeader(peers[1] as Peer)).toMatchObject({ version: 2 });
    await (peers[2] as Peer).untilBytes(4);
    expect((peers[2] as Peer).text).toBe("data");
  });

  it("is that of the server that a redispatched session ends up on", async () => {
    const silentAddress = await startSilentAddress();
    const good = await startServer(silent);
    const servers = {
      silent: { address: silentAddress, sendProxy: "v1" },
      good: { address: good.address, sendProxy: "v2" },
    };
    const ballast = await startBallast(
      tcpConfig(servers, { defaults: { timeout: { connect: "150ms" } } }),
    );
    for (let i = 0; i < 2; i++) {
      const client = await connectClient(ballast.address);
      const peer = await good.peer(i);
      const seen = await untilHeader(peer);
      expect(seen).toMatchObject({ version: 2, source: client.address });
      expect(seen.rest).toHaveLength(0);
    }
  });
});
