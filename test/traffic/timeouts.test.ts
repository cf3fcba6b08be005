// Each time limit by itself: that it ends the session, with which code, and never early. The log
// line's own numbers are compared, not a clock of the test.
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import type { SessionLine } from "../support/log-lines.ts";
import { connectClient } from "../support/clients.ts";
import { onReactor, reactors, type Settings, tcpConfig } from "../support/tcp-config.ts";
import { payload } from "../support/payload.ts";
import type { Peer } from "../support/peer.ts";
import { type Behaviour, greets, stalls, startServer, swallows } from "../support/servers.ts";
import { until } from "../support/until.ts";

interface Cut {
  readonly line: SessionLine;
  readonly client: Peer;
  readonly server: Peer;
}

/** One session under these limits; `act` is what the client does. Waits for its log line. */
async function untilCut(
  reactor: (typeof reactors)[number],
  timeout: Settings,
  behaviour: Behaviour,
  act: (client: Peer) => void = () => {},
): Promise<Cut> {
  const testServer = await startServer(behaviour);
  const ballast = await startBallast(
    tcpConfig({ server: testServer }, { ...onReactor(reactor), defaults: { timeout } }),
  );
  const client = await connectClient(ballast.address);
  act(client);
  const server = await testServer.peer();
  return { line: await ballast.untilLogged(), client, server };
}

/** More than all buffers on the way hold. */
const bulk = payload(60_000_000);

const silent: Behaviour = () => {};

describe.each(reactors)("on the %s reactor", (reactor) => {
  it("client: a silent client is cut with cD, and both sides are reset", async () => {
    const limits = { client: "300ms", server: "20s" };
    const { line, client, server } = await untilCut(reactor, limits, silent);
    expect(line.termination).toBe("cD");
    expect(line.totalMs).toBeGreaterThanOrEqual(300);
    await client.untilReset();
    await server.untilReset();
  });

  it("client: one that does not take what waits for it is cut with cD", async () => {
    const limits = { client: "400ms", server: "20s" };
    const { line, server } = await untilCut(
      reactor,
      limits,
      (peer) => peer.write(bulk),
      (client) => client.pause(),
    );
    expect(line.termination).toBe("cD");
    expect(line.bytesOut).toBeGreaterThan(0);
    expect(line.bytesOut).toBeLessThan(60_000_000);
    await server.untilReset();
  });

  it("server: a silent server is cut with sD", async () => {
    const limits = { client: "20s", server: "300ms" };
    const { line, client, server } = await untilCut(reactor, limits, silent, (peer) => {
      peer.write("question");
    });
    expect(line).toMatchObject({ termination: "sD", bytesIn: 8, bytesOut: 0 });
    expect(line.totalMs).toBeGreaterThanOrEqual(300);
    await client.untilReset();
    await server.untilReset();
  });

  it("server: one that does not take what waits for it is cut with sD", async () => {
    const limits = { client: "20s", server: "400ms" };
    const { line, client } = await untilCut(reactor, limits, stalls, (peer) => {
      peer.write(bulk);
    });
    expect(line.termination).toBe("sD");
    expect(line.bytesIn).toBeLessThan(60_000_000);
    await client.untilReset();
  });

  it("tunnel: replaces client and server while both sides take what they get", async () => {
    const limits = { client: "100ms", server: "100ms", tunnel: "600ms" };
    const { line } = await untilCut(reactor, limits, greets("hello"));
    expect(line).toMatchObject({ termination: "cD", bytesOut: 5 });
    expect(line.totalMs).toBeGreaterThanOrEqual(600);
  });

  it("tunnel: a client that stalls falls under client all the same", async () => {
    const limits = { client: "300ms", server: "20s", tunnel: "20s" };
    const { line } = await untilCut(
      reactor,
      limits,
      (peer) => peer.write(bulk),
      (client) => client.pause(),
    );
    expect(line.termination).toBe("cD");
  });

  it("tunnel: a server that stalls falls under server all the same", async () => {
    const limits = { client: "20s", server: "300ms", tunnel: "20s" };
    const { line } = await untilCut(reactor, limits, stalls, (peer) => {
      peer.write(bulk);
    });
    expect(line.termination).toBe("sD");
  });

  it("clientFin: rules after the client's FIN, with sD when the server stays silent", async () => {
    const limits = { clientFin: "300ms" };
    const { line, client, server } = await untilCut(reactor, limits, swallows, (peer) => {
      peer.end("question");
    });
    expect(line).toMatchObject({ termination: "sD", bytesIn: 8 });
    expect(line.totalMs).toBeGreaterThanOrEqual(300);
    await client.untilReset();
    expect(server.bytes).toBe(8);
  });

  it("clientFin: rules after the server's FIN, with cL when the client stays silent", async () => {
    const limits = { clientFin: "300ms" };
    const { line, client, server } = await untilCut(reactor, limits, (peer) => peer.end("bye"));
    expect(line).toMatchObject({ termination: "cL", bytesOut: 3 });
    expect(client.text).toBe("bye");
    await server.untilReset();
  });
});

describe("without tunnel, in a configuration that says client", () => {
  it("the hour that tunnel defaults to does not replace it", async () => {
    const server = await startServer(silent);
    const config = tcpConfig({ server }, { frontend: { timeout: { client: "300ms" } } });
    const ballast = await startBallast(config);
    await connectClient(ballast.address);
    expect(await ballast.untilLogged()).toMatchObject({ termination: "cD" });
  });

  it("the shorter of client and server counts", async () => {
    const server = await startServer(silent);
    const limits = { client: "20s" };
    const config = tcpConfig(
      { server },
      { frontend: { timeout: limits }, backend: { timeout: { server: "300ms" } } },
    );
    const ballast = await startBallast(config);
    await connectClient(ballast.address);
    expect(await ballast.untilLogged()).toMatchObject({ termination: "sD" });
  });
});

describe("activity", () => {
  it("of either side keeps a session open past its limits", async () => {
    const testServer = await startServer(silent);
    const limits = { client: "400ms", server: "400ms" };
    const config = tcpConfig({ server: testServer }, { defaults: { timeout: limits } });
    const ballast = await startBallast(config);
    const client = await connectClient(ballast.address);
    const server = await testServer.peer();
    // One that began at the same time and is silent shows when the limit has passed.
    const witness = await connectClient(ballast.address);
    const speak = async (): Promise<boolean> => {
      client.write("a");
      await server.untilBytes(client.socket.bytesWritten);
      server.write("b");
      return ballast.sessions.length > 0;
    };
    await until("the witness's limit to pass", speak);
    expect(await witness.untilEnding()).toBe("reset");
    expect(ballast.sessions).toHaveLength(1);
    client.end();
    await server.untilEnd();
    server.end();
    const line = await ballast.untilLogged(({ termination }) => termination === "--");
    expect(line.totalMs).toBeGreaterThanOrEqual(400);
    expect(line.bytesIn).toBe(server.bytes);
  });

  it("a limit of 0 is none", async () => {
    const server = await startServer(silent);
    const limits = { client: 0, server: "300ms", tunnel: 0 };
    const config = tcpConfig({ server }, { defaults: { timeout: limits } });
    const ballast = await startBallast(config);
    await connectClient(ballast.address);
    expect(await ballast.untilLogged()).toMatchObject({ termination: "sD" });
  });
});
