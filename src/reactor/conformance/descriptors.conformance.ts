// Descriptors are small numbers that the kernel gives out again at once. An event that was meant
// for a closed connection must not reach the one that got its number; and running out of them must
// be told and survived.
import { fstatSync } from "node:fs";
import { expect, it } from "vitest";
import type { Connection } from "../reactor.ts";
import type { Harness } from "./harness.conformance.ts";
import { openDescriptors, turns } from "./harness.conformance.ts";
import { Acceptor, Recorder, within } from "./recorder.conformance.ts";
import type { Link } from "./scene.conformance.ts";
import * as scene from "./scene.conformance.ts";

const crowd = 16;

export function descriptorTests(use: () => Harness): void {
  it("gives a new outgoing connection no event of the closed one whose descriptor it got", async () => {
    const harness = use();
    const server = await harness.peers.listen(scene.loopback);
    const links: Link[] = [];
    const fresh: { connection: Connection; recorder: Recorder }[] = [];
    let told = 0;
    const replaceAll = (): void => {
      told++;
      for (const link of links) {
        within(() => link.connection.close());
        const recorder = new Recorder();
        fresh.push({ connection: scene.connect(harness, server.address, recorder), recorder });
      }
    };
    for (let count = 0; count < crowd; count++) {
      links.push(await scene.accepted(harness, { onData: replaceAll, onEnd: replaceAll }));
    }
    for (const link of links) within(() => link.connection.resume());
    await turns(harness);
    // Each has data, a FIN, and every other one a reset as well, all in one turn.
    for (const [index, link] of links.entries()) {
      link.peer.write("for the old one");
      if (index % 2 === 0) link.peer.end();
      else link.peer.reset();
    }
    await harness.until(() => fresh.length >= crowd, "the replacement");
    await harness.until(() => fresh.every((one) => one.recorder.events.length > 0), "answers");
    for (const [index, one] of fresh.entries()) scene.write(one.connection, `number ${index}`);
    const heard = (): string[] => server.accepted.map((peer) => peer.text()).toSorted();
    await harness.until(() => heard().every((text) => text.startsWith("number")), "the new bytes");
    await turns(harness);
    const expected = fresh.map((_, index) => `number ${index}`).toSorted();
    await harness.until(() => heard().join() === expected.join(), "the new bytes, all");
    expect(told).toBe(1);
    for (const one of fresh) {
      expect(one.recorder.events.filter((event) => event !== "drain")).toEqual(["connect"]);
    }
    await scene.closeAll(harness, ...fresh.map((one) => one.connection));
  });

  it("gives an accepted connection no event of the closed one whose descriptor it got", async () => {
    const harness = use();
    const acceptor = new Acceptor((connection) => within(() => connection.resume()));
    const listener = await scene.listen(harness, acceptor);
    const links: Link[] = [];
    const closeAll = (): void => {
      for (const link of links) within(() => link.connection.close());
    };
    for (let count = 0; count < crowd; count++) {
      links.push(await scene.accepted(harness, { onData: closeAll, onEnd: closeAll }));
    }
    for (const link of links) within(() => link.connection.resume());
    acceptor.room = 0;
    const newcomers = Array.from({ length: crowd }, () => harness.peers.connect(listener.address));
    await harness.until(() => newcomers.every((peer) => peer.connected), "a full backlog");
    for (const link of links) {
      link.peer.write("for the old one");
      link.peer.end();
    }
    acceptor.room = Infinity;
    within(() => listener.resume());
    await harness.until(() => acceptor.connections.length === crowd, "all newcomers");
    await harness.until(() => links.every((link) => link.connection.closed), "all old ones closed");
    await turns(harness);
    for (const recorder of acceptor.recorders) expect(recorder.events).toEqual([]);
    for (const peer of newcomers) peer.write("for the new one");
    const heard = (): boolean =>
      acceptor.recorders.every((one) => one.text() === "for the new one");
    await harness.until(heard, "the new bytes");
    await scene.closeAll(harness, ...acceptor.connections);
  });

  it("listens on a descriptor that it is given", async (test) => {
    const harness = use();
    if (harness.foreignDescriptor === null) test.skip("no way here to open one");
    const foreign = harness.foreignDescriptor?.();
    if (foreign === undefined) return;
    const acceptor = new Acceptor();
    const options = { descriptor: foreign.descriptor, backlog: scene.backlog };
    const listener = within(() => harness.reactor.listen(scene.loopback, options, acceptor));
    await harness.until(() => acceptor.listening, "onListening");
    expect(listener.address).toEqual({ ...scene.loopback, port: foreign.port });
    harness.peers.connect(listener.address);
    await harness.until(() => acceptor.connections.length === 1, "an accept");
    within(() => listener.close());
    await turns(harness);
    const keeps = harness.capabilities.keepsDescriptor === null;
    expect(keeps && !fstatSync(foreign.descriptor).isSocket()).toBe(false);
    foreign.close();
  });

  it("leaves connections that it does not admit to the kernel", async (test) => {
    const harness = use();
    const reason = harness.capabilities.leavesBacklog;
    if (reason !== null) test.skip(reason);
    const acceptor = new Acceptor();
    acceptor.room = 0;
    const listener = await scene.listen(harness, acceptor);
    const before = openDescriptors();
    const peers = Array.from({ length: 5 }, () => harness.peers.connect(listener.address));
    await harness.until(() => peers.every((peer) => peer.connected), "connections in the backlog");
    await turns(harness);
    expect(openDescriptors() - before).toBe(peers.length);
  });

  // Connections wait in the backlog, not admitted; then no descriptor is left; then the listener is
  // resumed. It must say so once, ask for admission only now and then (not every turn), give each
  // admission back, and accept everybody when descriptors are free again. A second episode, after
  // a success, is told again.
  it("pauses, says so once and recovers when no descriptor is left to accept with", async (test) => {
    const harness = use();
    const reason = harness.capabilities.reportsExhaustion;
    if (reason !== null) test.skip(reason);
    const { exhaustDescriptors } = harness;
    if (exhaustDescriptors === null) throw new Error("reportsExhaustion needs exhaustDescriptors");
    const acceptor = new Acceptor();
    const listener = await scene.listen(harness, acceptor);
    for (const episode of [1, 2]) {
      acceptor.room = 0;
      const peers = Array.from({ length: 5 }, () => harness.peers.connect(listener.address));
      await harness.until(
        () => peers.every((peer) => peer.connected),
        "connections in the backlog",
      );
      const asked = acceptor.admitted;
      const exhausted = exhaustDescriptors();
      try {
        acceptor.room = Infinity;
        within(() => listener.resume());
        await harness.until(() => acceptor.exhausted.length === episode, "onExhausted");
        await turns(harness, 1000);
        expect(acceptor.exhausted).toHaveLength(episode);
        expect(acceptor.connections).toHaveLength((episode - 1) * 5);
        expect(acceptor.admitted - asked).toBeLessThan(100);
        expect(acceptor.admitted - acceptor.unadmitted).toBe(acceptor.connections.length);
      } finally {
        exhausted.release();
      }
      await harness.until(() => acceptor.connections.length === episode * 5, "all accepts");
    }
    expect(acceptor.exhausted).toHaveLength(2);
    await turns(harness);
    expect(acceptor.admitted - acceptor.unadmitted).toBe(acceptor.connections.length);
  });
}
