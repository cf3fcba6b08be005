// The reactor as a whole: woken from other threads, stopped while idle or busy, and empty after
// thousands of connections.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import type { Connection, Waker } from "../reactor.ts";
import { wake } from "../wake.ts";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import { Acceptor, Recorder, within } from "./recorder.conformance.ts";
import * as scene from "./scene.conformance.ts";

/** Wakes as wake.ts does, from a thread that cannot load TypeScript: as often as it is told. */
const wakingSource = `
const { writeSync } = require("node:fs");
const { BroadcastChannel, parentPort, workerData: waker } = require("node:worker_threads");
const channel = waker.kind === "channel" ? new BroadcastChannel(waker.name) : null;
const one = new Uint8Array(new BigUint64Array([1n]).buffer);
parentPort.on("message", (times) => {
  for (let count = 0; count < times; count++) {
    if (channel !== null) channel.postMessage(null);
    else writeSync(waker.descriptor, one);
  }
  parentPort.postMessage("done");
});
parentPort.postMessage("ready");
`;

/** Lets the thread wake the reactor; it answers when it has. */
function wakeFrom(worker: Worker, times: number): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a window's
  worker.postMessage(times);
}

async function wakingThread(waker: Waker): Promise<Worker> {
  const worker = new Worker(wakingSource, { eval: true, workerData: waker });
  await once(worker, "message");
  return worker;
}

export function lifetimeTests(use: () => Harness): void {
  it("is woken by wake(), from its own thread too, in a later turn", async () => {
    const harness = use();
    within(() => wake(harness.reactor.waker));
    expect(harness.wakes).toBe(0);
    await harness.until(() => harness.wakes > 0, "onWake");
    const before = harness.wakes;
    await turns(harness);
    expect(harness.wakes).toBe(before);
  });

  it("counts its turns, and a wake makes one", async () => {
    const harness = use();
    const before = harness.reactor.turns;
    within(() => wake(harness.reactor.waker));
    await harness.until(() => harness.wakes > 0, "onWake");
    expect(harness.reactor.turns).toBeGreaterThan(before);
  });

  it("loses no wake of another thread", async () => {
    const harness = use();
    const worker = await wakingThread(harness.reactor.waker);
    try {
      for (let round = 1; round <= 200; round++) {
        const before = harness.wakes;
        wakeFrom(worker, 1);
        await harness.until(() => harness.wakes > before, `onWake of round ${round}`);
        expect(harness.wakes).toBe(before + 1);
      }
    } finally {
      await worker.terminate();
    }
  });

  it("takes many wakes as one or more, never none, never too many", async () => {
    const harness = use();
    const worker = await wakingThread(harness.reactor.waker);
    let done = false;
    worker.on("message", () => {
      done = true;
    });
    try {
      wakeFrom(worker, 1000);
      await harness.until(() => done && harness.wakes > 0, "the wakes");
      await turns(harness);
      expect(harness.wakes).toBeLessThanOrEqual(1000);
      const before = harness.wakes;
      wakeFrom(worker, 1);
      await harness.until(() => harness.wakes > before, "one wake more");
    } finally {
      await worker.terminate();
    }
  });

  it("survives an onWake that throws", async () => {
    const harness = use();
    const mistake = new Error("thrown in onWake");
    harness.onWake = () => {
      throw mistake;
    };
    wake(harness.reactor.waker);
    await harness.until(() => harness.wakes === 1, "onWake");
    expect(harness.errors.splice(0)).toEqual([mistake]);
    harness.onWake = () => {};
    wake(harness.reactor.waker);
    await harness.until(() => harness.wakes === 2, "onWake again");
  });

  it("stops when it is idle: run() ends when another thread wakes it and onWake calls stop()", async () => {
    const harness = use();
    const worker = await wakingThread(harness.reactor.waker);
    harness.onWake = () => within(() => harness.reactor.stop());
    wakeFrom(worker, 1);
    // epoll blocks this thread here, in the kernel, until the other one wakes it.
    await harness.reactor.run();
    expect(harness.wakes).toBe(1);
    await worker.terminate();
  });

  it("stops from a timer: connections reset, listeners closed, timers silent", async () => {
    const harness = use();
    const { reactor } = harness;
    const acceptor = new Acceptor((connection) => within(() => connection.resume()));
    const listener = await scene.listen(harness, acceptor);
    const first = harness.peers.connect(listener.address);
    const second = await scene.outgoing(harness);
    await harness.until(() => acceptor.connections.length === 1, "an accept");
    let late = 0;
    const lateTimer = reactor.timer({ onTimer: () => late++ });
    const stopTimer = reactor.timer({ onTimer: () => within(() => reactor.stop()) });
    within(() => stopTimer.arm(20));
    within(() => lateTimer.arm(60));
    await reactor.run();
    expect(reactor.connections).toBe(0);
    expect(second.connection.closed).toBe(true);
    const peers = [first, second.peer];
    await harness.until(() => peers.every((peer) => peer.error === "ECONNRESET"), "the resets");
    const refused = harness.peers.connect(listener.address);
    await harness.until(() => refused.error === "ECONNREFUSED", "a refusal");
    expect(acceptor.recorders[0]?.events).toEqual([]);
    expect(second.recorder.events).toEqual(["connect"]);
    expect(late).toBe(0);
    expect(lateTimer.armed).toBe(false);
    within(() => lateTimer.cancel());
  });

  it("is empty after 3,000 short connections, accepted and outgoing", async () => {
    const harness = use();
    const acceptor = new Acceptor((connection, recorder) => {
      connection.handler = {
        ...silent,
        onData: (other, bytes, start, end) => void other.write(bytes, start, end),
        onEnd: (other) => other.close(),
        onFail: (other, reason) => recorder.onFail(other, reason),
      };
      within(() => connection.resume());
    });
    const listener = await scene.listen(harness, acceptor);
    const total = 1500;
    let finished = 0;
    let started = 0;
    const startOne = (): void => {
      if (started === total) return;
      started++;
      const recorder = new Recorder({
        onConnect: (connection) => void scene.write(connection, "ping"),
        onData: (connection) => {
          within(() => connection.end());
          within(() => connection.close());
          finished++;
          startOne();
        },
        onFail: () => {
          finished = Number.NaN;
        },
      });
      scene.connect(harness, listener.address, recorder);
    };
    for (let count = 0; count < 50; count++) startOne();
    const settled = (): boolean => finished === total && harness.reactor.connections === 0;
    await harness.until(() => Number.isNaN(finished) || settled(), "all connections");
    expect(finished).toBe(total);
    expect(acceptor.connections).toHaveLength(total);
    expect(acceptor.recorders.every((recorder) => recorder.events.length === 0)).toBe(true);
    expect(acceptor.connections.every((connection: Connection) => connection.closed)).toBe(true);
    expect(acceptor.admitted - acceptor.unadmitted).toBe(total);
  });
}

const silent = {
  onConnect(): void {},
  onForward(): void {},
  onDrain(): void {},
};
