// The rules about callbacks themselves: none after close() or abort(), not even in the same turn;
// none from inside a call; and a handler that throws costs its own connection only.
import { describe, expect, it } from "vitest";
import type { Connection, ConnectionHandler } from "../reactor.ts";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import type { Peer } from "./peers.conformance.ts";
import type { CallbackName } from "./recorder.conformance.ts";
import { Acceptor, Recorder, takeCallbacksInside, within } from "./recorder.conformance.ts";
import type { Link } from "./scene.conformance.ts";
import * as scene from "./scene.conformance.ts";

type Hooks = Partial<ConnectionHandler>;

/** For each callback: a scene in which it is called while more waits to be told. */
const provoke: Record<CallbackName, (harness: Harness, hooks: Hooks) => Promise<Link>> = {
  async onConnect(harness, hooks) {
    const server = await harness.peers.listen(scene.loopback);
    const recorder = new Recorder(hooks);
    const connection = scene.connect(harness, server.address, recorder);
    scene.write(connection, "early");
    const peer = await scene.peerOf(harness, server);
    await harness.until(() => recorder.has("connect"), "onConnect");
    return { connection, recorder, peer };
  },
  async onData(harness, hooks) {
    const link = await scene.accepted(harness, hooks);
    within(() => link.connection.resume());
    link.peer.write("x");
    link.peer.end();
    await harness.until(() => link.recorder.has("data"), "onData");
    return link;
  },
  async onForward(harness, hooks) {
    const sink = await scene.accepted(harness);
    const link = await scene.accepted(harness, hooks);
    within(() => link.connection.forward(sink.connection));
    link.peer.write("x");
    link.peer.end();
    await harness.until(() => link.recorder.has("forward"), "onForward");
    return link;
  },
  async onDrain(harness, hooks) {
    const link = await scene.accepted(harness, hooks);
    link.peer.pause();
    scene.fill(link.connection, scene.pattern(64 * 1024));
    within(() => link.connection.resume());
    link.peer.resume();
    await harness.until(() => link.recorder.has("drain"), "onDrain");
    return link;
  },
  async onEnd(harness, hooks) {
    const link = await scene.accepted(harness, hooks);
    within(() => link.connection.resume());
    link.peer.end();
    await harness.until(() => link.recorder.has("end"), "onEnd");
    return link;
  },
  async onFail(harness, hooks) {
    const link = await scene.accepted(harness, hooks);
    within(() => link.connection.resume());
    link.peer.reset();
    await harness.until(() => link.recorder.has("fail:reset"), "onFail");
    return link;
  },
};
const names = Object.keys(provoke) as CallbackName[];

export function callbackTests(use: () => Harness): void {
  describe.each(["close", "abort"] as const)("%s()", (action) => {
    it.each(names)("in %s: nothing is told after it", async (name) => {
      const harness = use();
      let before = 0;
      const hooks: Hooks = {
        [name]: (connection: Connection) => {
          within(() => connection[action]());
          before = (connection.handler as Recorder).events.length;
        },
      };
      const { connection, recorder } = await provoke[name](harness, hooks);
      await turns(harness);
      expect(connection.closed).toBe(true);
      expect(before).toBeGreaterThan(0);
      expect(recorder.events.length).toBe(before);
    });

    it("of another connection that has events in the same turn: it is told none", async () => {
      const harness = use();
      const links: Link[] = [];
      const hooks: Hooks = {
        onData: (connection) => {
          for (const link of links) {
            if (link.connection !== connection) within(() => link.connection[action]());
          }
        },
      };
      for (let count = 0; count < 4; count++) links.push(await scene.accepted(harness, hooks));
      for (const link of links) within(() => link.connection.resume());
      await turns(harness);
      for (const link of links) {
        link.peer.write("x");
        link.peer.end();
      }
      const told = (): Link[] => links.filter((link) => link.recorder.events.length > 0);
      await harness.until(() => told().length > 0, "the first event");
      await turns(harness);
      expect(told()).toHaveLength(1);
      expect(harness.reactor.connections).toBe(1);
      await scene.closeAll(harness, ...links.map((link) => link.connection));
    });

    it("of the sink, in onForward", async () => {
      const harness = use();
      const sink = await scene.outgoing(harness);
      const { connection, recorder } = await provoke.onForward(harness, {});
      await harness.until(() => recorder.has("end"), "the end");
      const source = await scene.accepted(harness, {
        onForward: (other) => {
          within(() => sink.connection[action]());
          within(() => other[action]());
        },
      });
      within(() => source.connection.forward(sink.connection));
      source.peer.write("x");
      await harness.until(() => source.connection.closed, "onForward");
      await turns(harness);
      expect(sink.recorder.events).toEqual(["connect"]);
      expect(source.recorder.events).toEqual(["forward"]);
      within(() => connection.close());
    });
  });

  describe("a handler that throws", () => {
    it.each(names)("in %s: aborts its connection and harms no other", async (name) => {
      const harness = use();
      const bystander = await scene.accepted(harness, {
        onData: (connection, bytes, start, end) => {
          within(() => connection.write(bytes, start, end));
        },
      });
      within(() => bystander.connection.resume());
      const mistake = new Error(`thrown in ${name}`);
      const hooks: Hooks = {
        [name]: () => {
          throw mistake;
        },
      };
      const { connection, recorder, peer } = await provoke[name](harness, hooks);
      await harness.until(() => connection.closed, "the abort");
      await turns(harness);
      expect(harness.errors.splice(0)).toEqual([mistake]);
      const reset = name === "onFail";
      expect(recorder.events.at(-1)).toBe(reset ? "fail:reset" : "fail:handlerError");
      expect(recorder.events.filter((event) => event.startsWith("fail:"))).toHaveLength(1);
      expect(reset || (await scene.failureOf(harness, peer)) === "ECONNRESET").toBe(true);
      bystander.peer.write("still here");
      await harness.until(() => bystander.peer.text() === "still here", "the bystander's echo");
    });

    it("after closing its connection: the error is reported, the connection told nothing", async () => {
      const harness = use();
      const mistake = new Error("thrown after close");
      const { recorder } = await provoke.onData(harness, {
        onData: (connection) => {
          connection.close();
          throw mistake;
        },
      });
      await turns(harness);
      expect(recorder.events).toEqual(["data"]);
      expect(harness.errors.splice(0)).toEqual([mistake]);
    });

    it("in onAccept: resets the newcomer, and the listener goes on", async () => {
      const harness = use();
      const mistake = new Error("thrown in onAccept");
      let throws = true;
      const acceptor = new Acceptor(() => {
        if (throws) throw mistake;
      });
      const listener = await scene.listen(harness, acceptor);
      const first = harness.peers.connect(listener.address);
      await harness.until(() => first.error === "ECONNRESET", "the reset");
      expect(harness.errors.splice(0)).toEqual([mistake]);
      expect(harness.reactor.connections).toBe(0);
      throws = false;
      harness.peers.connect(listener.address);
      await harness.until(() => acceptor.connections.length === 2, "the second accept");
      expect(acceptor.connections[1]?.closed).toBe(false);
    });
  });

  it("tells nothing from inside a call, whatever is ready", async () => {
    const harness = use();
    const { reactor } = harness;
    const acceptor = new Acceptor();
    acceptor.room = 0;
    const listener = await scene.listen(harness, acceptor);
    const waiting: Peer[] = [];
    for (let count = 0; count < 3; count++) waiting.push(harness.peers.connect(listener.address));
    await harness.until(
      () => waiting.every((peer) => peer.connected),
      "connections in the backlog",
    );
    const refused = await scene.unusedAddress(harness);
    const reading = await scene.accepted(harness);
    const forwarding = await scene.accepted(harness);
    const gone = await scene.accepted(harness);
    for (const { peer } of [reading, forwarding]) {
      peer.write("ready to be read");
      peer.end();
    }
    gone.peer.reset();
    await turns(harness);
    takeCallbacksInside();
    acceptor.room = Infinity;
    const handler = new Recorder();
    const timer = reactor.timer({ onTimer: () => handler.onDrain(reading.connection) });
    within(() => {
      timer.arm(0);
      timer.cancel();
      listener.resume();
      reactor.connect(refused, { keepaliveMs: 0, dataFollows: false }, handler);
      reactor.connect(
        { family: "unix", path: "/nonexistent/socket" },
        { keepaliveMs: 0, dataFollows: false },
        handler,
      );
      reactor
        .connect(listener.address, { keepaliveMs: 0, dataFollows: false }, handler)
        .write(Buffer.from("x"), 0, 1);
      reading.connection.resume();
      forwarding.connection.forward(reading.connection);
      gone.connection.resume();
      gone.connection.write(Buffer.from("x"), 0, 1);
      gone.connection.write(Buffer.from("x"), 0, 1);
      gone.connection.end();
      reading.connection.end();
      forwarding.connection.close();
      listener.close();
      reactor.listen(listener.address, { descriptor: -1, backlog: 1 }, new Acceptor()).close();
    });
    expect(takeCallbacksInside()).toEqual([]);
    await harness.until(() => acceptor.connections.length >= 3, "the accepts");
    await harness.until(() => handler.count("fail:refused") === 2, "the refusals");
    await harness.until(() => gone.connection.closed, "the reset");
    await turns(harness);
    expect(takeCallbacksInside()).toEqual([]);
    expect(forwarding.recorder.events).toEqual([]);
  });
}
