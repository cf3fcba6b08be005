// sendProxy in http mode: a server believes of a whole connection what its header says, so no request but
// those of that client may go over it, however connections are reused.
import { describe, expect, it } from "vitest";
import { Asker, type HttpBallast, pairsConfig, startHttp } from "../support/http-ballast.ts";
import { planOf } from "../support/library.ts";
import { header1, readHeader } from "../support/proxy-header.ts";
import { response } from "../support/scripted.ts";
import { startServer, type TestServer } from "../support/servers.ts";
import { reactors, type Settings } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

/** Answers each request with who its connection's header names (nobody: no header), and its target. */
function startBelieving(): Promise<TestServer> {
  return startServer((peer) => {
    let answered = 0;
    peer.socket.on("data", () => {
      const plain = peer.text.startsWith("GET ");
      const header = plain ? null : readHeader(peer.content);
      if (!plain && header === null) return;
      const text = header === null ? peer.text : header.rest.toString("latin1");
      const targets = [...text.matchAll(/^GET (\S+) [^]*?\r\n\r\n/gm)].map(([, target]) => target);
      for (const target of targets.slice(answered)) {
        peer.write(response(`${header?.source ?? "nobody"} ${target}`));
      }
      answered = targets.length;
    });
    peer.socket.on("end", () => peer.end());
  });
}

/** Idle connections do not go by themselves. */
const idleTimeout = "10m";

function start(server: TestServer, mode: string, more: Settings = {}): Promise<HttpBallast> {
  const reuse = { mode, idleTimeout };
  return startHttp({ all: { servers: { s: server.address }, reuse, ...more } });
}

describe.each(["always", "safe"])("with reuse: %s", (mode) => {
  it.each(["v1", "v2"])(
    "%s: each request comes over a connection of its client's",
    async (version) => {
      const server = await startBelieving();
      const ballast = await start(server, mode, { sendProxy: version });
      const clients: Asker[] = [];
      for (let i = 0; i < 3; i++) clients.push(await Asker.connect(ballast.at("all")));
      for (let round = 0; round < 3; round++) {
        for (const client of clients) {
          const { body } = await client.ask(`/${round}`);
          expect(body).toBe(`${client.peer.address} /${round}`);
        }
      }
      // All at once, and two from each.
      for (const client of clients) for (const target of ["/x", "/y"]) client.send(target);
      for (const client of clients) {
        for (const target of ["/x", "/y"]) {
          expect((await client.next()).body).toBe(`${client.peer.address} ${target}`);
        }
      }
      expect(ballast.server(0)).toMatchObject({ connects: 15, reuses: 0 });
      // Nor is one kept that nobody will use.
      const endings = await Promise.all(server.peers.map((peer) => peer.untilEnding()));
      expect(endings).toEqual(Array(15).fill("fin"));
    },
  );
});

it.each(reactors)(
  "on the %s reactor clients behind one proxy are told apart too",
  async (reactor) => {
    const server = await startBelieving();
    const bind = { address: "127.0.0.1:0", acceptProxy: true };
    const all = { servers: { s: server.address }, sendProxy: "v2", frontend: { bind } };
    const reuse = { mode: "always", idleTimeout };
    const ballast = await startHttp({ all: { ...all, reuse } }, { reactor });
    const clients: Asker[] = [];
    for (let i = 1; i <= 3; i++) {
      const client = await Asker.connect(ballast.at("all"));
      client.peer.write(header1(`203.0.113.${i}`, 1000 + i));
      clients.push(client);
    }
    for (let round = 0; round < 2; round++) {
      const bodies: string[] = [];
      for (const client of clients) bodies.push((await client.ask("/")).body);
      expect(bodies).toEqual(["203.0.113.1:1001 /", "203.0.113.2:1002 /", "203.0.113.3:1003 /"]);
    }
  },
);

it("connections from before a reload that switches it on are not used after", async () => {
  const server = await startBelieving();
  const ballast = await start(server, "always");
  const client = await Asker.connect(ballast.at("all"));
  expect((await client.ask("/before")).body).toBe("nobody /before");
  expect((await client.ask("/before")).body).toBe("nobody /before");
  expect(server.peers).toHaveLength(1);
  const settings = { servers: { s: server.address }, reuse: { mode: "always", idleTimeout } };
  const change = async (sendProxy: string): Promise<void> => {
    const pairs = { all: { ...settings, sendProxy } };
    await ballast.supervisor.replace(planOf(pairsConfig(pairs)));
  };
  await change("v2");
  const told = `${client.peer.address} /`;
  await until("the header", async () => (await client.ask("/")).body === told);
  for (let i = 0; i < 3; i++) expect((await client.ask("/")).body).toBe(told);
  await change("off");
  await until("none", async () => (await client.ask("/")).body === "nobody /");
  for (let i = 0; i < 3; i++) expect((await client.ask("/")).body).toBe("nobody /");
  // The one from before, and those with a header.
  const endings = await Promise.all(server.peers.slice(0, -1).map((peer) => peer.untilEnding()));
  expect(new Set(endings)).toEqual(new Set(["fin"]));
});
