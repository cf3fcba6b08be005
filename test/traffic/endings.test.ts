// How sessions end, and what each side sees of how the other did: half-closes and resets passed on
// as what they are, data that comes with a FIN, and clients that say nothing or nonsense.
import { describe, expect, it } from "vitest";
import { startBallast, type Ballast } from "../support/ballast.ts";
import { ask, connectClient } from "../support/clients.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import { payload, sha256 } from "../support/payload.ts";
import type { Peer } from "../support/peer.ts";
import { answersDigest, type Behaviour, echoes, greets, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

interface Session {
  readonly ballast: Ballast;
  readonly client: Peer;
  /** The server's end. */
  readonly server: Peer;
}

/** One session, established through to the server, which does what `behaviour` says. */
async function establish(reactor: string, behaviour: Behaviour): Promise<Session> {
  const server = await startServer(behaviour);
  const parts = onReactor(reactor === "node" ? "node" : "epoll");
  const ballast = await startBallast(tcpConfig({ server }, parts));
  const client = await connectClient(ballast.address);
  return { ballast, client, server: await server.peer() };
}

/** Leaves everything to the test. */
const waits: Behaviour = () => {};

describe.each(reactors)("half-closes on the %s reactor", (reactor) => {
  it("a client that has ended still gets the whole answer", async () => {
    const { ballast, client, server } = await establish(reactor, waits);
    client.end("question");
    expect((await server.untilEnd()).toString()).toBe("question");
    const answer = payload(3_000_000);
    // In two parts, the second after the first has arrived: the session is not about to close.
    server.write(answer.subarray(0, 1_000_000));
    await client.untilBytes(1_000_000);
    expect(client.ending).toBe(null);
    server.end(answer.subarray(1_000_000));
    await client.untilEnd();
    expect(client.digest).toBe(sha256(answer));
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "--", bytesIn: 8, bytesOut: 3_000_000 });
  });

  it("a server that has ended still gets all that the client sends", async () => {
    const { ballast, client, server } = await establish(reactor, waits);
    server.end("goodbye");
    expect((await client.untilEnd()).toString()).toBe("goodbye");
    const data = payload(3_000_000);
    client.write(data.subarray(0, 1_000_000));
    await server.untilBytes(1_000_000);
    expect(server.ending).toBe(null);
    client.end(data.subarray(1_000_000));
    await server.untilEnd();
    expect(server.digest).toBe(sha256(data));
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "--", bytesIn: 3_000_000, bytesOut: 7 });
  });

  it("both ends at once are an orderly close", async () => {
    const { ballast, client, server } = await establish(reactor, waits);
    client.end("from the client");
    server.end("from the server");
    expect((await client.untilEnd()).toString()).toBe("from the server");
    expect((await server.untilEnd()).toString()).toBe("from the client");
    expect(await ballast.untilLogged()).toMatchObject({ termination: "--" });
  });
});

describe.each(reactors)("resets on the %s reactor", (reactor) => {
  it("a client's reset becomes a reset of the server, logged as CD", async () => {
    const { ballast, client, server } = await establish(reactor, waits);
    client.write("hello");
    await server.untilBytes(5);
    client.reset();
    await server.untilReset();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "CD", bytesIn: 5, bytesOut: 0 });
  });

  it("a server's reset becomes a reset of the client, logged as SD", async () => {
    const { ballast, client, server } = await establish(reactor, greets("hello"));
    await client.untilBytes(5);
    server.reset();
    await client.untilReset();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "SD", bytesIn: 0, bytesOut: 5 });
  });

  it("a client's reset in the middle of a long transfer to it ends the server's too", async () => {
    const { ballast, client, server } = await establish(reactor, (peer) => {
      peer.write(payload(20_000_000));
    });
    await client.untilBytes(1_000_000);
    client.reset();
    await server.untilReset();
    const line = await ballast.untilLogged();
    expect(line.termination).toBe("CD");
    expect(line.bytesOut).toBeGreaterThanOrEqual(1_000_000);
  });

  it("a server's reset in the middle of a long transfer to it ends the client's too", async () => {
    const { ballast, client, server } = await establish(reactor, waits);
    client.write(payload(20_000_000));
    await server.untilBytes(1_000_000);
    server.reset();
    await client.untilReset();
    const line = await ballast.untilLogged();
    expect(line.termination).toBe("SD");
    expect(line.bytesIn).toBeGreaterThanOrEqual(1_000_000);
  });

  it("a reset after a half-close of the same side is passed on", async () => {
    const { ballast, client, server } = await establish(reactor, waits);
    client.end("question");
    await server.untilEnd();
    // A closed socket answers what still comes with a reset.
    client.socket.destroy();
    server.socket.on("error", () => {});
    await until("the server to be told", () => {
      if (!server.socket.destroyed) server.write("answer");
      return server.ending === "reset";
    });
    expect(await ballast.untilLogged()).toMatchObject({ termination: "CD", bytesIn: 8 });
  });
});

describe.each(reactors)("data together with FIN on the %s reactor", (reactor) => {
  it("from a client, waiting before it is accepted, is delivered with its FIN", async () => {
    const server = await startServer(answersDigest);
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    for (const size of [1, 16_384, 100_000]) {
      // While the process stands still, data and FIN pile up in the kernel and come as one event.
      ballast.signal("SIGSTOP");
      const client = await connectClient(ballast.address);
      const data = payload(size, size);
      client.end(data);
      await until("data and FIN to be the kernel's", () => client.socket.writableFinished);
      ballast.signal("SIGCONT");
      expect((await client.untilEnd()).toString()).toBe(sha256(data));
    }
  });

  it("from both sides of an established session is delivered", async () => {
    const { ballast, client, server } = await establish(reactor, waits);
    ballast.signal("SIGSTOP");
    client.end("last words of the client");
    server.end("last words of the server");
    await until("all to be the kernel's", () => {
      return client.socket.writableFinished && server.socket.writableFinished;
    });
    ballast.signal("SIGCONT");
    expect((await client.untilEnd()).toString()).toBe("last words of the server");
    expect((await server.untilEnd()).toString()).toBe("last words of the client");
    expect(await ballast.untilLogged()).toMatchObject({ termination: "--" });
  });
});

describe.each(reactors)("unusual clients on the %s reactor", (reactor) => {
  it("one that only listens hears a server that speaks first", async () => {
    const { ballast, client, server } = await establish(reactor, greets("220 ready\r\n"));
    expect((await client.untilBytes(11)).toString()).toBe("220 ready\r\n");
    client.end();
    await server.untilEnd();
    server.end("221 bye\r\n");
    expect((await client.untilEnd()).toString()).toBe("220 ready\r\n221 bye\r\n");
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "--", bytesIn: 0, bytesOut: 20 });
  });

  it("one that connects and ends without a word leaves an orderly line", async () => {
    const { ballast, client } = await establish(reactor, echoes);
    client.end();
    await client.untilEnd();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "--", bytesIn: 0, bytesOut: 0 });
  });

  it("one that says nothing does not keep others from being served", async () => {
    const { ballast, client } = await establish(reactor, echoes);
    expect(await ask(ballast.address, "hello")).toBe("hello");
    expect(client.ending).toBe(null);
    client.write("now me");
    expect((await client.untilBytes(6)).toString()).toBe("now me");
  });

  it("garbage passes through untouched", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    for (let seed = 1; seed <= 20; seed++) {
      const garbage = payload(seed * 997, seed);
      expect(await ask(ballast.address, garbage)).toBe(garbage.toString("latin1"));
    }
  });

  it("a storm of resets costs nobody else a byte", async () => {
    const { ballast, client } = await establish(reactor, echoes);
    const rude = new Set<string>();
    for (let i = 1; i <= 100; i++) {
      const other = await connectClient(ballast.address);
      other.write(payload(i * 100, i));
      // Every second one goes at once: before it has a server, or even before it is accepted.
      if (i % 2 === 0) {
        await other.untilBytes(1);
        rude.add(other.address);
      }
      other.reset();
      client.write(payload(1000, i));
    }
    await client.untilBytes(100_000);
    const whole = Buffer.concat(Array.from({ length: 100 }, (_, i) => payload(1000, i + 1)));
    expect(client.digest).toBe(sha256(whole));
    const lines = await ballast.untilLoggedTimes(50, (line) => rude.has(line.client));
    for (const { termination } of lines) expect(termination).toBe("CD");
    for (const { termination } of ballast.sessions) expect(termination).toMatch(/^C[RCD]$/);
    // All have left: the line of the last one counts itself and nobody else.
    client.end();
    await client.untilEnd();
    const last = await ballast.untilLogged((line) => line.client === client.address);
    expect(last).toMatchObject({ termination: "--", feconn: 1, beconn: 1, srvconn: 1 });
  });
});
