// Thousands of sessions at once on one worker: every byte intact both ways, nothing lost, and
// everything given back at the end.
import { createConnection, type Socket } from "node:net";
import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { portOf } from "../support/clients.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { payload, sha256 } from "../support/payload.ts";
import { startEchoProgram } from "../support/server-programs.ts";
import { until } from "../support/until.ts";

const sessions = 9000;
/** Connects under way at once: as many as fit into any backlog. */
const connectsAtOnce = 200;
const roundBytes = 3000;
const patienceMs = 100_000;

/** One client, which counts and digests what comes back after the server's greeting. */
class EchoClient {
  readonly socket: Socket;
  received: Buffer;

  constructor(port: number) {
    this.received = Buffer.alloc(0);
    this.socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
    this.socket.on("data", (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
  }
}

it(`${sessions} sessions on one worker carry every byte intact, all open at once`, async () => {
  const server = await startEchoProgram("echo");
  const greeting = "echo\n".length;
  const ballast = await startBallast(
    tcpConfig({ server: server.address }, { global: { workers: 1, log: { access: "off" } } }),
  );
  const descriptorsBefore = descriptorsOf(ballast.pid);
  const port = portOf(ballast.address);
  const clients: EchoClient[] = [];
  atTestEnd(() => {
    for (const { socket } of clients) socket.destroy();
  });
  const errors: Error[] = [];
  while (clients.length < sessions) {
    const batch = Array.from({ length: connectsAtOnce }, () => new EchoClient(port));
    for (const { socket } of batch) socket.on("error", (error) => errors.push(error));
    clients.push(...batch);
    await until(
      "a batch of clients to be greeted",
      () => errors.length > 0 || batch.every(({ received }) => received.length >= greeting),
      patienceMs,
    );
    expect(errors).toEqual([]);
  }
  expect(descriptorsOf(ballast.pid) - descriptorsBefore).toBeGreaterThanOrEqual(2 * sessions);

  for (let round = 1; round <= 2; round++) {
    for (const [i, { socket }] of clients.entries())
      socket.write(payload(roundBytes, i * 7 + round));
    const expected = greeting + round * roundBytes;
    await until(
      "every byte to come back",
      () => errors.length > 0 || clients.every(({ received }) => received.length >= expected),
      patienceMs,
    );
    expect(errors).toEqual([]);
  }
  for (const [i, { received }] of clients.entries()) {
    const sent = Buffer.concat([payload(roundBytes, i * 7 + 1), payload(roundBytes, i * 7 + 2)]);
    expect(sha256(received.subarray(greeting)), `client ${i}`).toBe(sha256(sent));
  }

  for (const { socket } of clients) socket.end();
  // Pipes may stay open for the next long transfer.
  await until(
    "all descriptors to be given back",
    () => descriptorsOf(ballast.pid) <= descriptorsBefore + 2 * 64,
    patienceMs,
  );
  expect(await ballast.stop()).toBe(0);
}, 200_000);

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
