// Sticky tables: who has been led to a server is led there again, whatever else changes.
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "vitest";
import type { Supervisor } from "../../dist/index.js";
import { startClient, portOf } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { planOf, startSupervisor } from "../support/library.ts";
import { Peer } from "../support/peer.ts";
import { header1 } from "../support/proxy-header.ts";
import { says, startNamedServers, startServer, type TestServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const quiet = { log: { access: "off" }, shutdownTimeout: 0 };
const stick = { on: "source" };

/** The server's name that a client of this address hears. All of 127/8 is loopback. */
async function hear(supervisor: Supervisor, client: string): Promise<string> {
  const port = portOf(supervisor.addresses[0] ?? "");
  const socket: Socket = connect({ host: "127.0.0.1", port, localAddress: client });
  atTestEnd(() => void socket.destroy());
  const peer = new Peer(socket);
  const heard = (await peer.untilEnd()).toString();
  socket.destroy();
  return heard;
}

const clients = Array.from({ length: 20 }, (_, i) => `127.0.1.${i + 1}`);

async function hearAll(supervisor: Supervisor): Promise<string[]> {
  return Promise.all(clients.map((client) => hear(supervisor, client)));
}

describe.each([1, 2])("with %i worker(s)", (workers) => {
  const config = (servers: Record<string, TestServer | object>): object =>
    tcpConfig(servers as Record<string, TestServer>, {
      global: { workers, ...quiet },
      backend: { stick },
    });

  test("a client meets its server again, and a server more moves nobody", async () => {
    const servers = await startNamedServers(4);
    const { s4, ...three } = servers;
    const supervisor = await startSupervisor(config(three));
    const first = await hearAll(supervisor);
    expect(new Set(first)).toEqual(new Set(["s1", "s2", "s3"]));
    expect(await hearAll(supervisor)).toEqual(first);
    await supervisor.replace(planOf(config({ s4: s4 as TestServer, ...three })));
    expect(await hearAll(supervisor)).toEqual(first);
    // New clients are balanced over all.
    const others = Array.from({ length: 20 }, (_, i) => hear(supervisor, `127.0.2.${i + 1}`));
    expect(new Set(await Promise.all(others))).toEqual(new Set(["s1", "s2", "s3", "s4"]));
  });

  test("a server that is gone loses its clients to others, for good", async () => {
    const servers = await startNamedServers(3);
    const supervisor = await startSupervisor(config(servers));
    const first = await hearAll(supervisor);
    const status = supervisor.states.server("back/s1");
    if (status === undefined) throw new Error("no such server");
    supervisor.states.setAdmin(status, "maint");
    supervisor.states.flush();
    const second = await hearAll(supervisor);
    expect(second).not.toContain("s1");
    const stayed = first.filter((name) => name !== "s1");
    expect(second.filter((_, i) => first[i] !== "s1")).toEqual(stayed);
    supervisor.states.setAdmin(status, "ready");
    supervisor.states.flush();
    expect(await hearAll(supervisor)).toEqual(second);
  });

  test("a server that refuses is left at once, without a check", async () => {
    const servers = await startNamedServers(2);
    const supervisor = await startSupervisor(config(servers));
    await hearAll(supervisor);
    servers["s1"]?.refuse();
    await servers["s1"]?.stop();
    expect(new Set(await hearAll(supervisor))).toEqual(new Set(["s2"]));
  });

  test("a draining server keeps those that know it, and gets nobody else", async () => {
    const servers = await startNamedServers(2);
    const supervisor = await startSupervisor(config(servers));
    const first = await hearAll(supervisor);
    const status = supervisor.states.server("back/s1");
    if (status === undefined) throw new Error("no such server");
    supervisor.states.setAdmin(status, "drain");
    supervisor.states.flush();
    expect(await hearAll(supervisor)).toEqual(first);
    expect(await hear(supervisor, "127.0.3.1")).toBe("s2");
    expect(await hear(supervisor, "127.0.3.2")).toBe("s2");
  });
});

test("clients behind one address are told apart by a PROXY protocol header", async () => {
  const supervisor = await startSupervisor(
    tcpConfig(await startNamedServers(3), {
      global: quiet,
      frontend: { bind: { address: "127.0.0.1:0", acceptProxy: true } },
      backend: { stick },
    }),
  );
  const hearAs = async (source: string): Promise<string> => {
    const client = startClient(supervisor.addresses[0] ?? "");
    client.write(header1(source, 40_000));
    return (await client.untilEnd()).toString();
  };
  const sources = Array.from({ length: 12 }, (_, i) => `192.0.2.${i + 1}`);
  const first: string[] = [];
  for (const source of sources) first.push(await hearAs(source));
  expect(new Set(first)).toEqual(new Set(["s1", "s2", "s3"]));
  const again: string[] = [];
  for (const source of sources.toReversed()) again.push(await hearAs(source));
  expect(again.toReversed()).toEqual(first);
});

test("a table that is full forgets the oldest, counts it, and refuses nobody", async () => {
  const supervisor = await startSupervisor(
    tcpConfig(await startNamedServers(2), {
      global: quiet,
      backend: { stick: { on: "source", size: 8 } },
    }),
  );
  await hearAll(supervisor);
  const table = supervisor.states.backends.get("back")?.stick?.table;
  expect(table?.used).toBeLessThanOrEqual(8);
  expect(table?.counters()).toMatchObject({ stores: 20, evictions: 12 });
});

/** Says hello for `servername`, and nothing else. */
function hello(supervisor: Supervisor, servername: string): void {
  const port = portOf(supervisor.addresses[0] ?? "");
  const socket = connectTls({ host: "127.0.0.1", port, servername, rejectUnauthorized: false });
  socket.on("error", () => {});
  atTestEnd(() => void socket.destroy());
}

describe("by the TLS server name", () => {
  test("clients of one address are told apart, and their hello arrives whole", async () => {
    const heard: string[][] = [];
    const servers: Record<string, TestServer> = {};
    for (const name of ["a", "b", "c"]) {
      const names: string[] = [];
      heard.push(names);
      servers[name] = await startServer((peer) => {
        peer.socket.once("data", (bytes: Buffer) => {
          expect(bytes[0]).toBe(22);
          names.push(/host\d+\.example/.exec(bytes.toString("latin1"))?.[0] ?? "none");
          peer.socket.destroy();
        });
      });
    }
    const supervisor = await startSupervisor(
      tcpConfig(servers, { global: quiet, backend: { stick: { on: "sni" } } }),
    );
    for (let round = 1; round <= 3; round++) {
      for (let host = 0; host < 9; host++) hello(supervisor, `host${host}.example`);
      await until("all hellos", () => heard.flat().length === 9 * round);
    }
    for (const names of heard) {
      // Each host three times, all at one server.
      for (const name of new Set(names)) {
        expect(names.filter((other) => other === name)).toHaveLength(3);
      }
    }
    expect(heard.every((names) => names.length > 0)).toBe(true);
  });

  test("who speaks something else, or ends at once, is served as well", async () => {
    const server = await startServer((peer) => {
      peer.socket.once("end", () => peer.end(`heard ${peer.text}`));
    });
    const supervisor = await startSupervisor(
      tcpConfig({ server }, { global: quiet, backend: { stick: { on: "sni" } } }),
    );
    for (const text of ["GET / HTTP/1.1", "\u0016", ""]) {
      const client = startClient(supervisor.addresses[0] ?? "");
      client.end(text);
      expect((await client.untilEnd()).toString("latin1")).toBe(`heard ${text}`);
    }
  });

  test("a server that speaks first is heard by a client that waits for it", async () => {
    const server = await startServer(says("220 hello"));
    const supervisor = await startSupervisor(
      tcpConfig({ server }, { global: quiet, backend: { stick: { on: "sni" } } }),
    );
    const client = startClient(supervisor.addresses[0] ?? "");
    expect((await client.untilEnd()).toString()).toBe("220 hello");
  });
});
