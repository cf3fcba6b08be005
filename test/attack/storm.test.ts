// Everything at once, from a seed: clients and servers that finish, stall, half-close, reset and
// walk away at any phase, while the plan is replaced again and again. Afterwards nothing may be
// left, every session has its line, and nobody who behaved has lost a byte.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Supervisor } from "../../dist/index.js";
import { startClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { openDescriptors, planOf, startSupervisor } from "../support/library.ts";
import { type SessionLine, sessionsIn } from "../support/log-lines.ts";
import { payload } from "../support/payload.ts";
import type { Peer } from "../support/peer.ts";
import { refusingAddress } from "../support/refusing.ts";
import { seeded } from "../support/seeded.ts";
import { freePort, startServer, type TestServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

const sessionsPerStorm = 600;
const atOnce = 40;
/** Two workers keep at most 64 pipes each, two descriptors a pipe. */
const pooledDescriptors = 2 * 64 * 2;

/** A server does what the first byte asks for. */
function obeys({ socket }: Peer): void {
  socket.once("data", (first: Buffer) => {
    switch (String.fromCharCode(first[0] as number)) {
      case "E":
        socket.write(first);
        socket.pipe(socket);
        break;
      case "R":
        socket.resetAndDestroy();
        break;
      case "U":
        socket.pause();
        socket.destroy();
        break;
      case "F":
        socket.end("done");
        break;
      case "S":
        socket.pause();
        break;
      default:
        socket.end(payload(400_000));
    }
  });
}

/** Those who behave are given as long as a busy machine may need; the others are timed out too. */
interface Binds {
  readonly patient: string;
  readonly hasty: string;
}

interface Orderly {
  readonly client: string;
  readonly bytes: number;
}

/** One client's life. What it sent and got back in order, or null when it misbehaved. */
async function live(binds: Binds, random: () => number, seed: number): Promise<Orderly | null> {
  const size = 1 + Math.floor(random() ** 3 * 400_000);
  const ask = payload(size, seed);
  const fate = random();
  const client = startClient(fate < 0.4 ? binds.patient : binds.hasty);
  const { socket } = client;
  if (fate < 0.4) {
    ask[0] = 0x45;
    if (random() < 0.5) {
      const cut = Math.floor(random() * size);
      client.write(ask.subarray(0, cut));
      await until("the connection", () => client.connected);
      client.end(ask.subarray(cut));
    } else client.end(ask);
    const answer = await client.untilEnd();
    if (!answer.equals(ask)) throw new Error(`session ${seed}: ${answer.length} of ${size} bytes`);
    socket.destroy();
    return { client: client.address, bytes: size };
  }
  ask[0] = "RUFSX".charCodeAt(Math.floor(random() * 5));
  if (fate < 0.5) socket.destroy();
  else if (fate < 0.6) {
    client.write(ask);
    await until("an end or a start", () => client.connected || client.ending !== null);
    client.reset();
  } else if (fate < 0.8) {
    client.pause();
    client.end(ask);
    await until("an end or a start", () => client.connected || client.ending !== null);
    await new Promise((resolve) => setImmediate(resolve));
    if (random() < 0.5) client.reset();
    else socket.destroy();
  } else {
    client.write(ask);
    await until(
      "bytes or an end",
      () => client.bytes > 0 || client.ending !== null || ask[0] === 83,
    );
    socket.destroy();
  }
  return null;
}

function limits(time: string): { readonly client: object; readonly server: object } {
  return { client: { client: time, clientFin: time }, server: { server: time, tunnel: time } };
}

function gauges({ board }: Supervisor): number[] {
  const numbers: number[] = [board.workers.snapshot(0).active, board.workers.snapshot(0).waiting];
  for (let row = 0; row < 8; row++) {
    numbers.push(board.servers.snapshot(row).active, board.backends.snapshot(row).active);
    numbers.push(board.frontends.snapshot(row).active, board.frontends.snapshot(row).waiting);
  }
  return numbers.filter((value) => value !== 0);
}

test.each([1, 2])("a storm on %i worker(s) leaves nothing behind", async (workers) => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const access = join(folder, "access.log");
  const random = seeded(workers);
  const running = await Promise.all([1, 2, 3].map(() => startServer(obeys)));
  const binds = {
    patient: `127.0.0.1:${await freePort()}`,
    hasty: `127.0.0.1:${await freePort()}`,
  };
  const dead = refusingAddress();
  const config = (round: number): object => {
    const named = running.map(({ address }, i) => [`s${i}`, { address, weight: 1 + (round % 3) }]);
    named.splice(round % 3, 1, [
      `s${round % 7}x`,
      round % 2 === 0 ? dead : (running[0] as TestServer).address,
    ]);
    const servers = Object.fromEntries(named) as object;
    const balance = round % 3 === 0 ? "leastconn" : "roundrobin";
    const maxconn = 10 + (round % 4) * 5;
    const [long, short] = [limits("60s"), limits("3s")];
    return {
      global: { workers, admin: "off", log: { access, level: "error" } },
      defaults: { mode: "tcp", timeout: { queue: "60s", connect: "60s" } },
      frontends: {
        patient: { bind: binds.patient, backend: `p${round % 2}`, maxconn, timeout: long.client },
        hasty: { bind: binds.hasty, backend: `h${round % 2}`, maxconn, timeout: short.client },
      },
      backends: {
        [`p${round % 2}`]: { balance, servers, timeout: long.server },
        [`h${round % 2}`]: { balance, servers, timeout: short.server },
      },
    };
  };
  const supervisor = await startSupervisor(config(0));
  const idle = openDescriptors();
  const orderly: Orderly[] = [];
  let begun = 0;
  const storm = { going: true };
  const clients = Array.from({ length: atOnce }, async () => {
    while (begun < sessionsPerStorm) {
      const done = await live(binds, random, ++begun);
      if (done !== null) orderly.push(done);
    }
  });
  const reloads = (async () => {
    for (let round = 1; storm.going; round++) {
      await supervisor.replace(planOf(config(round)));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const outcomes = await Promise.allSettled(clients);
  storm.going = false;
  await reloads;
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;

  await until("every gauge at zero", () => gauges(supervisor).length === 0);
  for (const { peers } of running) for (const { socket } of peers) socket.destroy();
  await until("no descriptor left", () => openDescriptors() <= idle + pooledDescriptors);
  const { errors, sessions } = supervisor.board.workers.snapshot(0);
  expect(errors).toBe(0);
  await supervisor.stop();
  const lines = sessionsIn(readFileSync(access, "utf8"));
  expect(lines.length).toBe(sessions);
  const known = new Set(lines.map(orderlyKey));
  expect(orderly.length).toBeGreaterThan(sessionsPerStorm / 5);
  for (const { client, bytes } of orderly)
    expect(known).toContain(`${client} ${bytes} ${bytes} --`);
});

function orderlyKey({ client, bytesIn, bytesOut, termination }: SessionLine): string {
  return `${client} ${bytesIn} ${bytesOut} ${termination}`;
}
