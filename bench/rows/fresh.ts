// An instance of a proxy for one memory measurement. Memory that a process has once taken it
// hardly ever gives back, so a second measurement of the same process would see nothing.
import { setTimeout as delay } from "node:timers/promises";
import { Connections } from "../connections.ts";
import { type Memory, readMemory } from "../processes.ts";
import { type Fronts, freeFronts } from "../targets/target.ts";
import type { Bench, Contender } from "./row.ts";

/** Lets the last connections be closed, and memory that is given back be given back. */
const settleMs = 1000;
/** First uses load code and fill pools; that is not what one more connection costs. */
const firstUses = 500;

/** A fresh proxy and a client for it. */
export interface Fresh {
  readonly port: number;
  readonly connections: Connections;
  /** Resident memory of the proxy, after things have settled. */
  readonly memory: () => Promise<Memory>;
}

/** Starts a fresh instance, lets `use` measure on it, and ends it. */
export async function withFresh<Result>(
  { session, origin }: Bench,
  { target }: Contender,
  front: keyof Fronts,
  use: (fresh: Fresh) => Promise<Result>,
): Promise<Result> {
  const ports = await freeFronts(session);
  const running = await target.start(session, ports, origin.ports);
  const connections = await Connections.start(session);
  try {
    await connections.churn(ports[front], firstUses, front === "tls");
    return await use({
      port: ports[front],
      connections,
      async memory() {
        await delay(settleMs);
        running.process.assertRunning();
        return readMemory(running.process.pid);
      },
    });
  } finally {
    await connections.stop();
    await running.process.stop();
  }
}
