// Urgent data (MSG_OOB) in the middle of a long transfer: a stream goes on behind the mark. Node
// cannot send it, so a small program in Python is the client; without Python these are skipped.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { portOf } from "../support/clients.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { sha256 } from "../support/payload.ts";
import { startServer, swallows, type TestServer } from "../support/servers.ts";

const beforeBytes = 4_000_000;
const afterBytes = 1_000_000;
/** What both sides make: a byte missing, or one too many, moves everything behind it. */
const pattern = Buffer.alloc(
  beforeBytes + afterBytes,
  Uint8Array.from({ length: 251 }, (_, i) => i),
);

/** Sends its FIN when its own input ends. */
const program = `
import socket, sys
port, before, after = map(int, sys.argv[1:])
pattern = (bytes(range(251)) * ((before + after) // 251 + 1))[:before + after]
client = socket.create_connection(("127.0.0.1", port))
client.sendall(pattern[:before])
client.send(b"!", socket.MSG_OOB)
client.sendall(pattern[before:])
sys.stdin.read()
client.shutdown(socket.SHUT_WR)
client.recv(1)
`;

const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** Its input stays open until the test ends it. */
function startUrgentClient(address: string): ChildProcess {
  const words = [portOf(address), beforeBytes, afterBytes].map(String);
  const child = spawn("python3", ["-c", program, ...words], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  atTestEnd(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** Takes everything and answers FIN with FIN. */
function startSink(): Promise<TestServer> {
  return startServer((peer) => {
    swallows(peer);
    peer.socket.once("end", () => peer.end());
  });
}

describe.each(reactors)("on the %s reactor", (reactor) => {
  it.skipIf(!hasPython).each([
    ["FIN right behind the data", false],
    ["FIN after a pause", true],
  ])("every ordinary byte passes an urgent one: %s", async (_, pauses) => {
    const server = await startSink();
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    const client = startUrgentClient(ballast.address);
    if (!pauses) client.stdin?.end();
    const peer = await server.peer();
    // With a pause nothing but the data itself can push it on.
    await peer.untilBytes(pattern.length);
    if (pauses) client.stdin?.end();
    await peer.untilEnd();
    expect(peer.bytes).toBe(pattern.length);
    expect(peer.digest).toBe(sha256(pattern));
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "--", bytesIn: pattern.length, bytesOut: 0 });
  });
});
