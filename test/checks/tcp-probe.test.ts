// The tcp check: a connection, or a conversation, over TCP and unix sockets, with and without a
// PROXY protocol header.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { asks, probe, talks } from "../support/checks.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { openDescriptors } from "../support/library.ts";
import { refusingAddress } from "../support/refusing.ts";
import { startEchoProgram, startSilentAddress } from "../support/server-programs.ts";
import { readHeader } from "../support/proxy-header.ts";
import { greets, says, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

const silent = (): void => {};

it("passes when the connection stands, and leaves it with a reset", async () => {
  const server = await startServer(silent);
  const result = await probe(server.address);
  expect(result).toMatchObject({ ok: true, text: "connected" });
  expect(result.durationMs).toBeGreaterThan(0);
  await (await server.peer()).untilReset();
});

it("fails where nobody listens", async () => {
  const result = await probe(refusingAddress());
  expect(result).toMatchObject({ ok: false, text: "connection refused" });
});

it("fails at its timeout where a connect is not answered, and leaves no descriptor", async () => {
  const address = await startSilentAddress();
  const before = openDescriptors();
  const result = await probe(address, { timeoutMs: 200 });
  expect(result).toMatchObject({ ok: false, text: "no connection within 200ms" });
  await until("its descriptor to be closed", () => openDescriptors() <= before);
});

it("says nothing about the server when this process stood still meanwhile", async () => {
  const server = await startServer(silent);
  const result = probe(server.address, { probe: talks("hi"), timeoutMs: 200 });
  await server.peer();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  expect(await result).toMatchObject({ ok: null, text: "this process stood still for 2 s" });
});

it("takes an answer that came in time, though this process was too busy to see it", async () => {
  const server = await startEchoProgram("hi");
  const result = probe(server.address, { probe: talks("hi"), timeoutMs: 200 });
  // A connect on loopback is over at once; the program then answers while nobody looks.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900);
  expect(await result).toMatchObject({ ok: true });
});

it("looks at unix sockets", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const server = await startServer(greets("hello"), `unix:${folder}/app.sock`);
  expect(await probe(server.address, { probe: talks("hello") })).toMatchObject({ ok: true });
  const missing = await probe(`unix:${folder}/none.sock`);
  expect(missing).toMatchObject({ ok: false, text: "connection refused: no such socket" });
});

it("resolves the name of a check's own address, and says when there is none", async () => {
  const server = await startServer(silent, "127.0.0.1:0");
  const port = Number(server.address.split(":")[1]);
  const named = { family: "name", host: "localhost", port } as const;
  expect(await probe(named)).toMatchObject({ ok: true });
  const unknown = await probe({ ...named, host: "nowhere.invalid" });
  expect(unknown).toMatchObject({ ok: false, text: "the check's address does not resolve" });
});

it("holds a conversation, whatever the pieces it comes in", async () => {
  const server = await startServer((peer) => {
    peer.socket.setNoDelay(true);
    peer.write("220 ma");
    setImmediate(() => peer.write("il\r\n"));
    peer.socket.on("data", () => {
      if (peer.text === "EHLO x\r\n") peer.write("250-SIZE 10\r\n250 OK\r\n");
      if (peer.text.endsWith("QUIT\r\n")) peer.end("221 bye\r\n");
    });
  });
  const smtp = talks(/^220 [a-z]+\r\n/, ">EHLO x\r\n", "250 OK", ">QUIT\r\n", /221/);
  expect(await probe(server.address, { probe: smtp })).toMatchObject({ ok: true });
  expect(server.peers[0]?.text).toBe("EHLO x\r\nQUIT\r\n");
});

it("compares bytes, not characters", async () => {
  const server = await startServer((peer) => peer.write(Buffer.from([0, 0xff, 0x80, 0x0a])));
  const expectBytes = { expect: Buffer.from([0xff, 0x80]) };
  const result = await probe(server.address, { probe: { kind: "tcp", steps: [expectBytes] } });
  expect(result.ok).toBe(true);
});

it("lets each step take what it matched: the same bytes do not count twice", async () => {
  const once = await startServer(greets("+OK"));
  const twice = talks("+OK", "+OK");
  const { ok, text } = await probe(once.address, { probe: twice, timeoutMs: 200 });
  expect({ ok, text }).toEqual({
    ok: false,
    text: 'no "+OK" (step 2, received nothing) within 200ms',
  });
  const both = await startServer(greets("+OK+OK"));
  expect(await probe(both.address, { probe: twice })).toMatchObject({ ok: true });
});

it("says what it received instead", async () => {
  const server = await startServer(says("-ERR \x1b[31mno\n"));
  const { text } = await probe(server.address, { probe: talks("+PONG") });
  expect(text).toBe('closed: no "+PONG" (step 1, received "-ERR \\u001b[31mno\\n")');
});

it("keeps no more than 64 KiB of what it does not look for", async () => {
  const server = await startServer((peer) => peer.write(Buffer.alloc(1024 * 1024, "x")));
  const { ok, text } = await probe(server.address, { probe: talks("never") });
  expect(ok).toBe(false);
  expect(text).toMatch(/^no "never" \(step 1, received "x{40}\.\.\."\) in 64 KiB$/);
});

it.each([1, 2] as const)("opens with a PROXY header of version %i first", async (version) => {
  const server = await startServer(silent);
  await probe(server.address, { sendProxy: version, probe: asks(), timeoutMs: 200 });
  const seen = await until("a header", () => readHeader(server.peers[0]?.content ?? Buffer.of()));
  expect(seen).toMatchObject({ version, protocol: "UNKNOWN" });
  expect(seen.rest.toString()).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
});

it("sends the PROXY header though it has nothing else to say", async () => {
  const server = await startServer((peer) => peer.socket.once("data", () => peer.write("hi")));
  const result = await probe(server.address, { sendProxy: 2, probe: talks("hi") });
  expect(result.ok).toBe(true);
});

it("sends the whole PROXY header where a connection is enough", async () => {
  const server = await startServer(silent);
  await probe(server.address, { sendProxy: 1 });
  const peer = await server.peer();
  await peer.untilEnding();
  expect(peer.text).toBe("PROXY UNKNOWN\r\n");
});
