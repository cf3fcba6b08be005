// Connections that wait for their next use, as in a pool: whatever the peer does is told though
// nobody asks, and `ended` says so no later than the callback.
import { expect, it } from "vitest";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import { within } from "./recorder.conformance.ts";
import type { Link } from "./scene.conformance.ts";
import * as scene from "./scene.conformance.ts";

/** An outgoing connection that has been used, and then nothing happened for a while. */
async function idle(harness: Harness, seen: boolean[]): Promise<Link> {
  const link = await scene.outgoing(harness, {
    onData: (connection) => void seen.push(connection.ended),
    onEnd: (connection) => void seen.push(connection.ended),
    onFail: (connection) => void seen.push(connection.ended),
  });
  scene.write(link.connection, "request");
  await harness.until(() => link.peer.text() === "request", "the request");
  link.peer.write("response");
  await harness.until(() => link.recorder.text() === "response", "the response");
  await turns(harness);
  expect(link.connection.ended).toBe(false);
  expect(link.connection.hasData).toBe(false);
  expect(seen.splice(0)).not.toContain(true);
  return link;
}

export function idleTests(use: () => Harness): void {
  it("tells the peer's FIN on an idle connection", async () => {
    const harness = use();
    const seen: boolean[] = [];
    const { connection, peer, recorder } = await idle(harness, seen);
    peer.end();
    await harness.until(() => recorder.has("end"), "onEnd");
    expect(seen).toEqual([true]);
    expect(connection.ended).toBe(true);
    expect(connection.closed).toBe(false);
    await scene.closeAll(harness, connection);
    expect(recorder.events).toEqual(["connect", "data", "end"]);
  });

  it("tells the peer's reset on an idle connection", async () => {
    const harness = use();
    const seen: boolean[] = [];
    const { connection, peer, recorder } = await idle(harness, seen);
    peer.reset();
    await harness.until(() => recorder.has("fail:reset"), "onFail");
    expect(seen).toEqual([true]);
    expect(connection.closed).toBe(true);
    expect(recorder.events).toEqual(["connect", "data", "fail:reset"]);
  });

  it("tells unexpected data on an idle connection", async () => {
    const harness = use();
    const seen: boolean[] = [];
    const { connection, peer, recorder } = await idle(harness, seen);
    peer.write("nobody asked");
    await harness.until(() => recorder.text() === "responsenobody asked", "onData");
    expect(seen).not.toContain(true);
    expect(connection.ended).toBe(false);
    await scene.closeAll(harness, connection);
  });

  it("accepts a write to a connection whose FIN was not told yet, and tells it then", async () => {
    const harness = use();
    const seen: boolean[] = [];
    const links = [await idle(harness, seen), await idle(harness, seen)] as const;
    const [first, second] = links;
    let written = false;
    const { recorder } = first;
    const handler = Object.assign(Object.create(recorder) as typeof recorder, {
      onData: () => {
        // The second one's FIN may be on its way, here already, or told: a write is never refused.
        written = true;
        expect(scene.write(second.connection, "late")).toBe(true);
      },
    });
    first.connection.handler = handler;
    first.peer.write("x");
    second.peer.end();
    await harness.until(() => written && second.recorder.has("end"), "the write and the end");
    await harness.until(() => second.peer.text() === "requestlate", "what was written");
    await scene.closeAll(harness, first.connection, second.connection);
  });

  it("has ended when it is closed", async () => {
    const harness = use();
    const { connection } = await idle(harness, []);
    within(() => connection.close());
    expect(connection.ended).toBe(true);
    await scene.closeAll(harness);
  });
}
