// A frontend's maxconn: exactly so many sessions at once over all workers; everybody else waits in
// the kernel's backlog, unharmed, and is served as soon as there is room.
import { describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { onReactor, type Settings, tcpConfig } from "../support/tcp-config.ts";
import type { Peer } from "../support/peer.ts";
import { says, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

const maxconn = 5;
const clients = 17;

const kinds: readonly (readonly [string, Settings])[] = [
  ["with 1 worker", { workers: 1 }],
  ["with 2 workers", { workers: 2 }],
  ["on the node reactor", onReactor("node").global],
];

/** Counts the sessions that are open at once, as the server sees them. */
class Gauge {
  open = 0;
  most = 0;

  enter(peer: Peer): void {
    this.open++;
    this.most = Math.max(this.most, this.open);
    peer.write("served");
  }

  /** Ends one from the server's side: it counts as over before Ballast can know. */
  leave(peer: Peer): void {
    this.open--;
    peer.end();
  }
}

describe.each(kinds)("%s", (_, global) => {
  it("admits exactly maxconn, and each end lets one more in", async () => {
    const gauge = new Gauge();
    const server = await startServer((peer) => gauge.enter(peer));
    const ballast = await startBallast(tcpConfig({ server }, { global, frontend: { maxconn } }));
    const all = await Promise.all(
      Array.from({ length: clients }, async (__, i) => {
        const client = await connectClient(ballast.address);
        // What they send while they wait must not be lost.
        client.write(`from ${i};`);
        return client;
      }),
    );
    for (const client of all) client.socket.once("end", () => client.end());
    const served = (): number => all.filter(({ bytes }) => bytes > 0).length;
    await until("the first to be served", () => served() === maxconn);
    await ballast.untilMessage(({ message }) => message.includes(`at its maxconn of ${maxconn}`));
    expect(server.peers).toHaveLength(maxconn);

    for (let ended = 1; ended <= clients; ended++) {
      gauge.leave(server.peers[ended - 1] as Peer);
      await until(`${ended} sessions to be over`, () => {
        return all.filter(({ ending }) => ending === "fin").length === ended;
      });
      const expected = Math.min(clients, maxconn + ended);
      await until(`${expected} to be served`, () => served() === expected);
      expect(server.peers).toHaveLength(expected);
    }
    expect(gauge.most).toBe(maxconn);
    expect(all.filter(({ ending }) => ending !== "fin")).toEqual([]);
    const heard = server.peers.map(({ text }) => text).toSorted();
    expect(heard).toEqual(all.map((__, i) => `from ${i};`).toSorted());
    const lines = await ballast.untilLoggedTimes(clients);
    expect(lines.filter(({ termination }) => termination !== "--")).toEqual([]);
    for (const { feconn } of lines) expect(feconn).toBeLessThanOrEqual(maxconn);
  });

  it("serves everybody in the end when sessions come and go by themselves", async () => {
    const gauge = new Gauge();
    const server = await startServer((peer) => {
      gauge.enter(peer);
      peer.socket.once("data", () => gauge.leave(peer));
    });
    const ballast = await startBallast(tcpConfig({ server }, { global, frontend: { maxconn: 3 } }));
    const visit = async (i: number): Promise<string> => {
      const client = await connectClient(ballast.address);
      client.end(`visit ${i}`);
      return (await client.untilEnd()).toString();
    };
    const answers = await Promise.all(Array.from({ length: 150 }, (__, i) => visit(i)));
    expect(answers).toEqual(Array(150).fill("served"));
    expect(gauge.most).toBeLessThanOrEqual(3);
    expect(gauge.most).toBeGreaterThan(1);
  });
});

/** Bursts of `count` clients on each bind that Ballast finds all at once; what each was told. */
async function burst(ballast: Ballast, count: number): Promise<string[]> {
  // A stopped process accepts nothing, and the kernel completes the handshakes all the same.
  ballast.signal("SIGSTOP");
  const arrived = await Promise.all(
    ballast.addresses.flatMap((address) =>
      Array.from({ length: count }, () => connectClient(address)),
    ),
  );
  ballast.signal("SIGCONT");
  const answers = arrived.map(async (client) => {
    client.end("visit");
    return (await client.untilEnd()).toString();
  });
  return Promise.all(answers);
}

describe("two binds of one frontend", () => {
  const bind = ["127.0.0.1:0", "127.0.0.1:0"];

  it.each([1, 2])("share a maxconn through bursts on both: %i worker(s)", async (workers) => {
    const gauge = new Gauge();
    const server = await startServer((peer) => {
      gauge.enter(peer);
      peer.socket.once("data", () => gauge.leave(peer));
    });
    const config = tcpConfig({ server }, { global: { workers }, frontend: { bind, maxconn: 3 } });
    const ballast = await startBallast(config);
    for (let round = 0; round < 3; round++) {
      expect(await burst(ballast, 100)).toEqual(Array(200).fill("served"));
    }
    expect(gauge.most).toBeLessThanOrEqual(3);
    expect(gauge.most).toBeGreaterThan(1);
  });

  it("take 200 clients each at once without a word about descriptors", async () => {
    const server = await startServer(says("served"));
    const ballast = await startBallast(tcpConfig({ server }, { frontend: { bind } }));
    expect(await burst(ballast, 200)).toEqual(Array(400).fill("served"));
    expect(ballast.messages.filter(({ message }) => message.includes("cannot accept"))).toEqual([]);
  });
});

describe("two frontends", () => {
  it("have a maxconn each", async () => {
    const server = await startServer((peer) => peer.write("served"));
    const frontend = { mode: "tcp", bind: "127.0.0.1:0", backend: "back" };
    const ballast = await startBallast({
      global: { workers: 2, admin: "off" },
      frontends: { narrow: { ...frontend, maxconn: 1 }, wide: frontend },
      backends: { back: { servers: { one: server.address } } },
    });
    const [narrow = "", wide = ""] = ballast.addresses;
    const first = await connectClient(narrow);
    await first.untilBytes(6);
    const waiting = await connectClient(narrow);
    await ballast.untilMessage(({ message }) => message.includes("narrow is at its maxconn of 1"));
    for (let i = 0; i < 10; i++) await (await connectClient(wide)).untilBytes(6);
    expect(waiting.bytes).toBe(0);
    first.reset();
    await waiting.untilBytes(6);
  });
});
