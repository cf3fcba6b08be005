// Several events of one epoll_wait: whoever is handled first must not take for idle a connection
// whose FIN, reset or data is further down in the same batch.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as nextRound } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Acceptor, Recorder } from "../conformance/recorder.conformance.ts";
import type { Connection } from "../reactor.ts";
import { EpollReactor } from "./epoll-reactor.ts";

const errors: unknown[] = [];
const sockets: Socket[] = [];
let reactor: EpollReactor;
let acceptor: Acceptor;

async function turnUntil(done: () => boolean): Promise<void> {
  for (let count = 0; !done(); count++) {
    if (count > 100_000) throw new Error("waited in vain");
    reactor.turn(0);
    await nextRound();
  }
}

/** An idle connection that reads, and its peer. */
async function open(recorder: Recorder): Promise<{ connection: Connection; peer: Socket }> {
  const count = acceptor.connections.length;
  const listener = listening();
  const peer = connect(listener.port, listener.host);
  peer.on("error", () => {});
  sockets.push(peer);
  await turnUntil(() => acceptor.connections.length > count);
  const connection = acceptor.connections[count] as Connection;
  connection.handler = recorder;
  connection.resume();
  reactor.turn(0);
  return { connection, peer };
}

let listening: () => { host: string; port: number };

async function sent(peer: Socket, bytes: string): Promise<void> {
  await new Promise((resolve) => peer.write(bytes, resolve));
}

describe.runIf(process.platform === "linux")("on Linux", () => {
  beforeEach(async () => {
    reactor = new EpollReactor(
      { onWake() {}, onHandlerError: (error) => void errors.push(error) },
      { owners: new Uint8Array(0), owner: 0, spare: 8 },
    );
    acceptor = new Acceptor();
    const address = { family: "ipv4", host: "127.0.0.1", port: 0 } as const;
    const listener = reactor.listen(address, { descriptor: -1, backlog: 16 }, acceptor);
    await turnUntil(() => acceptor.listening);
    listening = () => listener.address as { host: string; port: number };
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    reactor.stop();
    await reactor.run();
    assert.deepEqual(errors.splice(0), []);
  });

  it.each([
    { event: "FIN", ended: true, hasData: true, told: ["end"] },
    { event: "reset", ended: true, hasData: true, told: ["fail:reset"] },
    { event: "data", ended: false, hasData: true, told: ["data"] },
  ])("a $event is known before any handler runs", async ({ event, ended, hasData, told }) => {
    const seen: unknown[] = [];
    const before: unknown[] = [];
    const last = new Recorder();
    let idle: Connection | null = null;
    const first = await open(
      new Recorder({
        onData: () => {
          before.push(...last.events);
          seen.push({ ended: idle?.ended, hasData: idle?.hasData });
        },
      }),
    );
    const second = await open(last);
    idle = second.connection;
    expect({ ended: idle.ended, hasData: idle.hasData }).toEqual({ ended: false, hasData: false });
    // No turn is made before both have arrived, and epoll tells them in the order of arrival.
    await sent(first.peer, "x");
    if (event === "data") await sent(second.peer, "y");
    else if (event === "FIN") await once(second.peer.end(), "finish");
    else await once(second.peer.resetAndDestroy(), "close");
    reactor.turn(1000);
    expect(before).toEqual([]);
    expect(seen).toEqual([{ ended, hasData }]);
    expect(last.events).toEqual(told);
  });

  it("a response that comes with FIN shows in onData that nothing more will come", async () => {
    let ended: boolean | null = null;
    const recorder = new Recorder({ onData: (connection) => (ended = connection.ended) });
    const { peer } = await open(recorder);
    await sent(peer, "the last response");
    await once(peer.end(), "finish");
    reactor.turn(1000);
    expect(ended).toBe(true);
    expect(recorder.events).toEqual(["data", "end"]);
  });
});
