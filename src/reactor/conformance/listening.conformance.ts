// Listeners: addresses of every family, admission and the backlog, failures, closing.
import { mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { SocketAddress } from "../../config/address.ts";
import type { Listener } from "../reactor.ts";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import type { Peer } from "./peers.conformance.ts";
import { Acceptor, Recorder, within } from "./recorder.conformance.ts";
import * as scene from "./scene.conformance.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

/** All of an address that is known before it is bound. */
function placeOf(address: SocketAddress): object {
  const { family } = address;
  return family === "unix" ? address : { family, host: address.host };
}

/** Five connections that wait in the backlog, unless they have been accepted. */
async function backlogOf(harness: Harness, address: SocketAddress): Promise<Peer[]> {
  const peers = Array.from({ length: 5 }, () => harness.peers.connect(address));
  await harness.until(() => peers.every((peer) => peer.connected), "connected peers");
  await turns(harness);
  return peers;
}

export function listeningTests(use: () => Harness): void {
  const folder = mkdtempSync(join(tmpdir(), "reactor-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const addresses: SocketAddress[] = [
    scene.loopback,
    { family: "ipv6", host: "::1", port: 0 },
    { family: "unix", path: folder },
  ];
  let paths = 0;
  // A path of its own for each test: whoever listens need not remove it afterwards.
  const fresh = (address: SocketAddress): SocketAddress =>
    address.family === "unix"
      ? { family: "unix", path: join(folder, `listen-${++paths}`) }
      : address;

  describe.each(addresses)("on $family", (kind) => {
    it.skipIf(kind.family === "ipv6" && !hasIpv6)(
      "accepts, with both addresses right",
      async () => {
        const harness = use();
        const address = fresh(kind);
        const acceptor = new Acceptor();
        const listener = await scene.listen(harness, acceptor, address);
        expect(listener.address).toMatchObject(placeOf(address));
        expect("port" in listener.address && listener.address.port === 0).toBe(false);
        const peer = harness.peers.connect(listener.address);
        await harness.until(() => acceptor.connections.length === 1, "an accept");
        const connection = acceptor.connections[0];
        expect(connection?.remote).toEqual(address.family === "unix" ? address : peer.local);
        expect(connection?.local()).toEqual(listener.address);
      },
    );

    it.skipIf(kind.family === "ipv6" && !hasIpv6)(
      "connects, with both addresses right",
      async () => {
        const harness = use();
        const address = fresh(kind);
        const acceptor = new Acceptor();
        const listener = await scene.listen(harness, acceptor, address);
        const recorder = new Recorder();
        const connection = scene.connect(harness, listener.address, recorder);
        await harness.until(() => acceptor.connections.length === 1, "an accept");
        await harness.until(() => recorder.has("connect"), "onConnect");
        expect(connection.remote).toEqual(listener.address);
        const other = acceptor.connections[0];
        // An outgoing unix socket has no name; its accepted end is named by the listener's path.
        const unix = address.family === "unix";
        expect(unix ? address : connection.local()).toEqual(other?.remote);
        within(() => other?.resume());
        scene.write(connection, "one way");
        await harness.until(() => acceptor.recorders[0]?.text() === "one way", "the bytes");
        within(() => connection.end());
        await harness.until(() => acceptor.recorders[0]?.has("end") === true, "the end");
      },
    );
  });

  it("takes one at a time when each resume() finds room for one", async () => {
    const harness = use();
    const acceptor = new Acceptor();
    acceptor.room = 0;
    const listener = await scene.listen(harness, acceptor);
    await backlogOf(harness, listener.address);
    expect(acceptor.connections).toHaveLength(0);
    for (const count of [1, 2, 3, 4, 5]) {
      acceptor.room = 1;
      within(() => listener.resume());
      await harness.until(() => acceptor.connections.length === count, "one accept");
      await turns(harness);
      expect(acceptor.connections).toHaveLength(count);
      expect(acceptor.admitted - acceptor.unadmitted).toBe(count);
    }
  });

  it("leaves waiting whom admit() does not let in, does not ask again, and takes all on resume()", async () => {
    const harness = use();
    const acceptor = new Acceptor();
    acceptor.room = 2;
    const listener = await scene.listen(harness, acceptor);
    await backlogOf(harness, listener.address);
    expect(acceptor.connections).toHaveLength(2);
    const { refused } = acceptor;
    expect(refused).toBeGreaterThan(0);
    const late = harness.peers.connect(listener.address);
    await harness.until(() => late.connected, "one more peer");
    await turns(harness);
    expect(acceptor.refused).toBe(refused);
    acceptor.room = 10;
    within(() => listener.resume());
    await harness.until(() => acceptor.connections.length === 6, "all accepts");
    await turns(harness);
    expect(acceptor.admitted - acceptor.unadmitted).toBe(6);
  });

  it("gives back every admission that no connection used", async () => {
    const harness = use();
    const acceptor = new Acceptor();
    acceptor.room = 3;
    const listener = await scene.listen(harness, acceptor);
    for (const count of [1, 2, 3]) {
      harness.peers.connect(listener.address);
      await harness.until(() => acceptor.connections.length === count, "an accept");
      await turns(harness);
      expect(acceptor.room).toBe(3 - count);
    }
    await scene.closeAll(harness, ...acceptor.connections);
  });

  it("accepts a connection whose peer has left again, or nobody, but keeps the count", async () => {
    const harness = use();
    const acceptor = new Acceptor();
    acceptor.room = 0;
    const listener = await scene.listen(harness, acceptor);
    const peers = await backlogOf(harness, listener.address);
    for (const peer of peers) peer.reset();
    const last = harness.peers.connect(listener.address);
    await harness.until(() => last.connected, "one more peer");
    acceptor.room = Infinity;
    within(() => listener.resume());
    const heard = (): boolean => acceptor.recorders.some((recorder) => recorder.text() === "me");
    await harness.until(() => acceptor.connections.length > 0, "an accept");
    last.write("me");
    await harness.until(() => {
      for (const connection of acceptor.connections) within(() => connection.resume());
      return heard();
    }, "the last peer's bytes");
    await turns(harness);
    expect(acceptor.admitted - acceptor.unadmitted).toBe(acceptor.connections.length);
    const open = acceptor.connections.filter((connection) => !connection.closed);
    expect(open).toHaveLength(1);
    expect(harness.reactor.connections).toBe(1);
  });

  it("takes what waits in the backlog when it is closed, and nobody later", async () => {
    const harness = use();
    const acceptor = new Acceptor();
    acceptor.room = 0;
    const listener = await scene.listen(harness, acceptor);
    await backlogOf(harness, listener.address);
    expect(acceptor.connections).toHaveLength(0);
    acceptor.room = Infinity;
    within(() => listener.close());
    await harness.until(() => acceptor.connections.length === 5, "all accepts");
    await turns(harness);
    const late = harness.peers.connect(listener.address);
    await harness.until(() => late.error !== null, "a refusal");
    expect(late.error).toBe("ECONNREFUSED");
    expect(acceptor.connections).toHaveLength(5);
    expect(acceptor.admitted - acceptor.unadmitted).toBe(5);
    expect(acceptor.closed).toBe(1);
    const [first] = acceptor.connections;
    expect(first?.closed).toBe(false);
  });

  it("closes though there always is one more", async () => {
    const harness = use();
    /** Whenever one is admitted, the next one connects. */
    class Crowd extends Acceptor {
      override admit(listener: Listener): boolean {
        if (this.room > 0) harness.peers.connect(listener.address);
        return super.admit(listener);
      }
    }
    const crowd = new Crowd();
    crowd.room = 0;
    const listener = await scene.listen(harness, crowd);
    await backlogOf(harness, listener.address);
    crowd.room = Infinity;
    within(() => listener.close());
    await harness.until(() => crowd.closed === 1, "onClosed");
    expect(crowd.connections.length).toBeGreaterThanOrEqual(5);
    // One that takes whoever comes cannot tell who waited: then it takes a backlog's worth.
    const more = harness.capabilities.leavesBacklog === null ? 5 : scene.backlog + 5;
    expect(crowd.connections.length).toBeLessThanOrEqual(5 + more);
  });

  it("turns away whom it does not admit when it is closed", async () => {
    const harness = use();
    const acceptor = new Acceptor();
    acceptor.room = 2;
    const listener = await scene.listen(harness, acceptor);
    const peers = await backlogOf(harness, listener.address);
    within(() => listener.close());
    const turnedAway = (): Peer[] => peers.filter((peer) => peer.error !== null || peer.ended);
    await harness.until(() => turnedAway().length === 3, "three turned away");
    expect(acceptor.closed).toBe(1);
    expect(acceptor.connections).toHaveLength(2);
    expect(harness.reactor.connections).toBe(2);
  });

  it("may be closed twice, and in its own callbacks", async () => {
    const harness = use();
    const acceptor = new Acceptor(() => within(() => listener.close()));
    const listener = await scene.listen(harness, acceptor);
    harness.peers.connect(listener.address);
    await harness.until(() => acceptor.connections.length === 1, "an accept");
    within(() => listener.close());
    await turns(harness);
    const late = harness.peers.connect(listener.address);
    await harness.until(() => late.error !== null, "a refusal");
    expect(late.error).toBe("ECONNREFUSED");
    expect(acceptor.connections).toHaveLength(1);
  });

  it("does not stay open when it is closed at once", async () => {
    const harness = use();
    const unused = await scene.unusedAddress(harness);
    const acceptor = new Acceptor();
    const options = { descriptor: -1, backlog: scene.backlog };
    const listener = within(() => harness.reactor.listen(unused, options, acceptor));
    within(() => listener.close());
    await harness.until(() => acceptor.closed === 1, "onClosed");
    const late = harness.peers.connect(unused);
    await harness.until(() => late.error !== null || late.connected, "an answer");
    expect(late.error).toBe("ECONNREFUSED");
  });

  it("frees its port when it is closed", async () => {
    const harness = use();
    const first = new Acceptor();
    const listener = await scene.listen(harness, first);
    within(() => listener.close());
    await turns(harness);
    const second = new Acceptor();
    await scene.listen(harness, second, listener.address);
    expect(second.failure).toBe("");
    harness.peers.connect(listener.address);
    await harness.until(() => second.connections.length === 1, "an accept");
    expect(first.connections).toHaveLength(0);
  });

  it("tells a port in use as addressInUse", async () => {
    const harness = use();
    const server = await harness.peers.listen(scene.loopback);
    const acceptor = new Acceptor();
    const listener = await scene.listen(harness, acceptor, server.address);
    expect(acceptor.failure).toBe("addressInUse");
    expect(acceptor.message).toContain("EADDRINUSE");
    within(() => listener.close());
    await turns(harness);
    expect(acceptor.listening).toBe(false);
  });

  it("tells a unix path that cannot be, with the error's name", async () => {
    const harness = use();
    const acceptor = new Acceptor();
    const path = join(folder, "no", "such", "folder");
    await scene.listen(harness, acceptor, { family: "unix", path });
    expect(acceptor.failure).not.toBe("");
    expect(acceptor.message).toMatch(/E[A-Z]+/u);
    expect(acceptor.listening).toBe(false);
  });

  it("shares a port with another listener and loses no connection between them", async (test) => {
    const harness = use();
    const reason = harness.capabilities.sharesPorts;
    if (reason !== null) test.skip(reason);
    const acceptors = [new Acceptor(), new Acceptor()] as const;
    const first = await scene.listen(harness, acceptors[0]);
    await scene.listen(harness, acceptors[1], first.address);
    expect(acceptors[1].failure).toBe("");
    const count = 60;
    for (let index = 0; index < count; index++) harness.peers.connect(first.address);
    const total = (): number => acceptors[0].connections.length + acceptors[1].connections.length;
    await harness.until(() => total() === count, "all accepts");
    for (const acceptor of acceptors) expect(acceptor.connections.length).toBeGreaterThan(0);
  });
}
