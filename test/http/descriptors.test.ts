// A process short of descriptors gives up what nobody uses at the moment, idle connections to servers, before
// a client has to wait.
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { startClient } from "../support/clients.ts";
import { Asker } from "../support/http-ballast.ts";
import type { Peer } from "../support/peer.ts";
import { type Asked, response, type ScriptedServer, startScripted } from "../support/scripted.ts";
import { until } from "../support/until.ts";

const descriptors = 300;
/** With more below, fewer than the sessions that so many descriptors are enough for. */
const clientsFirst = 40;
const clientsMore = 20;

/** A server that answers only when so many wait: they need as many connections at once. */
class Crowd {
  readonly server: ScriptedServer;
  readonly #waiting: (() => void)[];

  constructor(server: ScriptedServer, waiting: (() => void)[]) {
    this.server = server;
    this.#waiting = waiting;
  }

  static async start(): Promise<Crowd> {
    const waiting: (() => void)[] = [];
    const hold = ({ target }: Asked, peer: Peer): void => {
      waiting.push(() => peer.write(response(target)));
    };
    return new Crowd(await startScripted(hold), waiting);
  }

  /** All of `clients` ask at once, and are answered. */
  async meet(clients: readonly Asker[], target: string): Promise<void> {
    for (const client of clients) client.send(target);
    await until(`${clients.length} requests`, () => this.#waiting.length === clients.length);
    for (const answer of this.#waiting.splice(0)) answer();
    const answers = await Promise.all(clients.map((client) => client.next()));
    for (const { status, body } of answers) {
      if (status !== 200 || body !== target) throw new Error(`${target}: ${status} ${body}`);
    }
  }

  /** Connections that have not ended. */
  get open(): number {
    return this.server.peers.filter(({ ending }) => ending === null).length;
  }
}

interface Scene {
  readonly ballast: Ballast;
  readonly crowds: readonly Crowd[];
  /** All of `clients` ask the server of that index. */
  ask(clients: readonly Asker[], index: number): Promise<void>;
  /** Descriptors of Ballast. */
  used(): number;
}

/** As many servers, each in a backend of its own, whose idle connections do not go by themselves. */
async function start(servers: number, workers = 1): Promise<Scene> {
  const crowds = await Promise.all(Array.from({ length: servers }, () => Crowd.start()));
  const routes = crowds.map((_, i) => ({ match: { path: `/${i}` }, backend: `b${i}` }));
  const backends = crowds.map(({ server }, i) => [`b${i}`, { servers: { s: server.address } }]);
  const ballast = await startBallast(
    {
      global: { workers, admin: "off", log: { access: "off" } },
      defaults: {
        timeout: { connect: "60s", httpRequest: "10m", httpKeepAlive: "10m", server: "10m" },
        reuse: { mode: "always", maxIdle: 1000, idleTimeout: "10m" },
      },
      frontends: { front: { mode: "http", bind: "127.0.0.1:0", routes } },
      backends: Object.fromEntries(backends),
    },
    { shell: `ulimit -n ${descriptors}; exec "$@"` },
  );
  return {
    ballast,
    crowds,
    ask: async (clients, index) => crowds[index]?.meet(clients, `/${index}`),
    used: () => readdirSync(`/proc/${ballast.pid}/fd`).length,
  };
}

function startClients({ ballast }: Scene, count: number): Asker[] {
  return Array.from({ length: count }, () => new Asker(startClient(ballast.address)));
}

test("requests for a server get the descriptors that idle connections to others hold", async () => {
  const scene = await start(8);
  const { ballast, crowds } = scene;
  const clients = startClients(scene, clientsFirst);
  for (let round = 0; round < 3; round++) {
    for (const index of crowds.keys()) await scene.ask(clients, index);
  }
  // All of them are more than there are descriptors.
  const open = crowds.reduce((sum, crowd) => sum + crowd.open, 0);
  expect(clientsFirst * crowds.length).toBeGreaterThan(descriptors);
  expect(open).toBeLessThan(descriptors);
  // Nobody gave up more than was needed.
  expect(open).toBeGreaterThan(descriptors / 3);
  expect(await ballast.stop()).toBe(0);
});

test("clients that cannot be accepted get the descriptors of idle connections to servers", async () => {
  const scene = await start(6);
  const { ballast, crowds } = scene;
  const clients = startClients(scene, clientsFirst);
  for (let index = 0; index < 5; index++) await scene.ask(clients, index);
  // The rest, to the last one.
  const left = descriptors - scene.used();
  expect(left).toBeLessThanOrEqual(clientsFirst);
  await scene.ask(clients.slice(0, left), 5);
  expect(scene.used()).toBe(descriptors);
  expect(crowds.map(({ open }) => open)).toEqual([...Array(5).fill(clientsFirst), left]);

  const more = startClients(scene, clientsMore);
  await scene.ask(more, 0);
  expect(scene.used()).toBeLessThan(descriptors);
  // What is given up once is not given up for ever: connections are kept again.
  const everybody = [...clients, ...more];
  for (let round = 0; round < 2; round++) await scene.ask(everybody, 1);
  expect(crowds[1]?.open).toBe(everybody.length);
  const opened = crowds[1]?.server.peers.length;
  await scene.ask(everybody, 1);
  expect(crowds[1]?.server.peers.length).toBe(opened);
  const told = ballast.messages.filter(({ message }) => message.includes("cannot accept"));
  expect(told).toHaveLength(1);
  expect(await ballast.stop()).toBe(0);
});

test("a worker gets the descriptors that idle connections of another one hold", async () => {
  const scene = await start(6, 2);
  const { ballast, crowds } = scene;
  const clients = startClients(scene, clientsFirst);
  for (let index = 0; index < 5; index++) await scene.ask(clients, index);
  const left = descriptors - scene.used();
  expect(left).toBeGreaterThan(0);
  await scene.ask(clients.slice(0, left), 5);
  expect(scene.used()).toBe(descriptors);
  // One after the other, so that sooner or later each worker has to accept.
  for (let i = 0; i < clientsMore; i++) await scene.ask(startClients(scene, 1), 0);
  // Which worker a client meets is the kernel's choice: whoever it is, all idle ones have gone.
  for (const crowd of crowds.slice(1, 5)) await until("idle ones to go", () => crowd.open === 0);
  expect(scene.used()).toBeLessThan(descriptors);
  expect(await ballast.stop()).toBe(0);
});
