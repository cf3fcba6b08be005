// Outgoing connects: every way in which they succeed, fail, or never answer.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SocketAddress } from "../../config/address.ts";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import { Recorder, within } from "./recorder.conformance.ts";
import * as scene from "./scene.conformance.ts";

/** Linux only. */
const connectionTable = "/proc/net/tcp";

/** Connects in vain; answers what the handler was told. */
async function outcome(harness: Harness, address: SocketAddress): Promise<string[]> {
  const recorder = new Recorder();
  const connection = scene.connect(harness, address, recorder);
  scene.write(connection, "for nobody");
  await harness.until(() => connection.closed, "onFail");
  await turns(harness);
  assert.equal(connection.established, false);
  assert.equal(connection.unsent, 0);
  assert.equal(harness.reactor.connections, 0);
  return recorder.events;
}

export function connectingTests(use: () => Harness): void {
  it("tells onConnect once; established and counted from there to its close", async () => {
    const harness = use();
    const server = await harness.peers.listen(scene.loopback);
    const recorder = new Recorder();
    const connection = scene.connect(harness, server.address, recorder);
    expect(harness.reactor.connections).toBe(1);
    expect(connection.closed).toBe(false);
    expect(connection.remote).toEqual(server.address);
    await harness.until(() => connection.established, "the connection");
    await turns(harness);
    expect(recorder.events).toEqual(["connect"]);
    within(() => connection.close());
    expect(connection.established).toBe(false);
    expect(harness.reactor.connections).toBe(0);
  });

  it("tells a port where nobody listens as refused", async () => {
    const harness = use();
    const address = await scene.unusedAddress(harness);
    expect(await outcome(harness, address)).toEqual(["fail:refused"]);
  });

  it("tells a unix path that does not exist as refused", async () => {
    const path = join(tmpdir(), "no-such-socket");
    expect(await outcome(use(), { family: "unix", path })).toEqual(["fail:refused"]);
  });

  it("tells a unix socket that nobody listens on any more as refused", async () => {
    const harness = use();
    const folder = mkdtempSync(join(tmpdir(), "reactor-"));
    try {
      const server = await harness.peers.listen({ family: "unix", path: join(folder, "live") });
      // The listener removes its own path when it closes, so this one stays behind.
      renameSync(join(folder, "live"), join(folder, "stale"));
      server.close();
      const path = join(folder, "stale");
      expect(await outcome(harness, { family: "unix", path })).toEqual(["fail:refused"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  // The kernel refuses to route a TCP connect to a broadcast or multicast address, loopback's own
  // among them: no packet leaves this machine.
  it.each([
    { family: "ipv4", host: "127.255.255.255", port: 9 },
    { family: "ipv6", host: "ff02::1", port: 9 },
  ] as const)("tells $host as unreachable", async (address) => {
    expect(await outcome(use(), address)).toEqual(["fail:unreachable"]);
  });

  it("tells nothing after the abort() of connects that nobody answered", async () => {
    const harness = use();
    const deaf = await harness.peers.deaf();
    const recorders = Array.from({ length: 8 }, () => new Recorder());
    const attempts = recorders.map((recorder) => scene.connect(harness, deaf.address, recorder));
    const open = attempts.filter(() => true);
    let expired = false;
    // How a caller limits a connect: a timer of the reactor, and abort() when it fires.
    const timer = harness.reactor.timer({
      onTimer: () => {
        expired = true;
        for (const [index, connection] of open.entries()) {
          if (!recorders[index]?.has("connect")) within(() => connection.abort());
        }
      },
    });
    within(() => timer.arm(150));
    await harness.until(() => expired, "the timer");
    // A backlog of one takes two at most, so the others were still connecting.
    const aborted = recorders.filter((_, index) => open[index]?.closed === true);
    expect(aborted.length).toBeGreaterThanOrEqual(5);
    deaf.listen();
    await turns(harness, 200);
    for (const recorder of aborted) expect(recorder.events).toEqual([]);
    await scene.closeAll(harness, ...attempts);
  });

  it("tells nothing after the close() of a connect that was about to succeed", async () => {
    const harness = use();
    const server = await harness.peers.listen(scene.loopback);
    const recorder = new Recorder();
    const first = scene.connect(harness, server.address, recorder);
    const second = scene.connect(harness, server.address, recorder);
    scene.write(first, "never sent");
    within(() => first.close());
    within(() => second.abort());
    expect(harness.reactor.connections).toBe(0);
    await turns(harness);
    expect(recorder.events).toEqual([]);
  });

  it("tells refusals of many connects at once, each its own", async () => {
    const harness = use();
    const unused = await scene.unusedAddress(harness);
    const recorders = Array.from({ length: 50 }, () => new Recorder());
    for (const recorder of recorders) scene.connect(harness, unused, recorder);
    await harness.until(() => harness.reactor.connections === 0, "all refusals");
    await turns(harness);
    for (const recorder of recorders) expect(recorder.events).toEqual(["fail:refused"]);
  });

  it("connects again from onFail", async () => {
    const harness = use();
    const unused = await scene.unusedAddress(harness);
    const server = await harness.peers.listen(scene.loopback);
    const second = new Recorder();
    const first = new Recorder({
      onFail: () => void scene.connect(harness, server.address, second),
    });
    scene.connect(harness, unused, first);
    await harness.until(() => second.has("connect"), "the second attempt");
    expect(first.events).toEqual(["fail:refused"]);
    expect(harness.reactor.connections).toBe(1);
  });

  describe.skipIf(!existsSync(connectionTable))("keepalive", () => {
    it.each([0, 30_000])("of %i ms is what the kernel shows", async (keepaliveMs) => {
      const harness = use();
      const server = await harness.peers.listen(scene.loopback);
      const recorder = new Recorder();
      const options = { keepaliveMs, dataFollows: false };
      const connection = within(() => harness.reactor.connect(server.address, options, recorder));
      await harness.until(() => recorder.has("connect"), "onConnect");
      const local = connection.local();
      if (local === null || local.family === "unix") throw new Error("no local port");
      expect(keepaliveTimer(local.port)).toBe(keepaliveMs > 0);
    });
  });
}

/**
 * Whether a keepalive timer runs for the connection from this local port: Linux shows it in the
 * sixth field of its connection table, where 02 is keepalive.
 */
function keepaliveTimer(port: number): boolean {
  const table = readFileSync(connectionTable, "latin1");
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of table.split("\n")) {
    const fields = line.trim().split(/\s+/u);
    // 01: established.
    if (fields[1]?.endsWith(suffix) && fields[3] === "01")
      return fields[5]?.startsWith("02") ?? false;
  }
  throw new Error(`no established connection from port ${port} in ${connectionTable}`);
}
