// What is not TLS, or bad TLS: each ends its own connection, is told in the log with the client's address,
// and is counted; nothing of it stays.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { startAdmin } from "../support/admin.ts";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient, connectOptions } from "../support/clients.ts";
import { httpConfig, named, request, startHttpServer } from "../support/http.ts";
import type { Settings } from "../support/tcp-config.ts";
import { connectTls, credentials, getTls, testAuthority } from "../support/tls.ts";
import { until } from "../support/until.ts";

const authority = testAuthority();
const ca = readFileSync(authority.certFile);
const certificates = authority.issue({ names: ["a.example"] });
const toIt = { ca, servername: "a.example" };

async function start(settings: Settings = {}): Promise<Ballast> {
  const server = await startHttpServer(named("web"));
  const bind = [{ address: "127.0.0.1:0", tls: { certificates } }, "127.0.0.1:0"];
  return await startBallast(
    httpConfig({ s1: server.address }, { frontend: { bind, ...settings } }),
  );
}

/** Waits for the log line of a handshake that failed, with the client's address. */
async function failureOf(ballast: Ballast, client: { readonly address: string }): Promise<string> {
  const found = await ballast.untilMessage(({ peer }) => peer === client.address);
  return found.message;
}

it("plain HTTP gets an answer that says so", async () => {
  const ballast = await start();
  const client = await connectClient(ballast.address);
  client.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect((await client.untilEnd()).toString()).toMatch(/^HTTP\/1\.1 400 [^]*port for HTTPS/);
  expect(await failureOf(ballast, client)).toMatch(/plain HTTP on a TLS port/);
});

it.each([
  ["garbage", Buffer.from("\0\0\0 no TLS at all"), /speaks no TLS/],
  ["a record that is too long", Buffer.from("1603014800", "hex"), /length that TLS does not allow/],
  ["a hello that is none", Buffer.from("16030100050200000100", "hex"), /first message is no hello/],
  [
    "a hello cut short",
    Buffer.from("160301000a010000060303000102030405", "hex"),
    /middle of a field/,
  ],
])("%s is refused", async (_, bytes, reason) => {
  const ballast = await start();
  const client = await connectClient(ballast.address);
  client.socket.write(bytes);
  await client.untilEnd();
  expect(await failureOf(ballast, client)).toMatch(reason);
  expect(await getTls(ballast.address, toIt)).toMatch(/web$/);
});

it("TLS on a plain port is refused as what it is not", async () => {
  const ballast = await start();
  await expect(connectTls(ballast.addresses[1] as string, toIt)).rejects.toThrow(/./);
  expect(await request(ballast.addresses[1] as string, "/")).toMatchObject({ status: 200 });
});

it("a record that has been tampered with ends its session only", async () => {
  const ballast = await start();
  const other = await connectTls(ballast.address, toIt);
  const beneath = connect({ ...connectOptions(ballast.address), allowHalfOpen: true });
  const client = await connectTls(ballast.address, { ...toIt, socket: beneath });
  beneath.write(Buffer.concat([Buffer.from("1703030020", "hex"), Buffer.alloc(32, 7)]));
  const error = await new Promise<Error>((resolve) => client.once("error", resolve));
  expect(error.message).toMatch(/bad.record.mac|decryption/i);
  other.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const answer = await new Promise<Buffer>((resolve) => other.once("data", resolve));
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200/);
});

it("who does not complete the handshake within timeout.clientHs is sent away", async () => {
  const ballast = await start({ timeout: { clientHs: "300ms" } });
  const silent = await connectClient(ballast.address);
  const slow = await connectClient(ballast.address);
  slow.socket.write(Buffer.from("160301", "hex"));
  await silent.untilEnding();
  await slow.untilEnding();
  expect(await failureOf(ballast, slow)).toMatch(/not complete within timeout\.clientHs/);
  expect(await failureOf(ballast, silent)).toMatch(/not complete within timeout\.clientHs/);
});

it("five hundred half-open handshakes keep nobody from theirs", async () => {
  const ballast = await start({ timeout: { clientHs: "60s" } });
  const half = await Promise.all(Array.from({ length: 500 }, () => connectClient(ballast.address)));
  for (const client of half) client.socket.write(Buffer.from("1603010200010001fc0303", "hex"));
  expect(await getTls(ballast.address, toIt)).toMatch(/web$/);
  for (const client of half) client.socket.destroy();
});

it("more clients than maxHandshakes wait their turn, and all get it", async () => {
  const server = await startHttpServer(named("web"));
  const bind = { address: "127.0.0.1:0", tls: { certificates } };
  const global = { tls: { maxHandshakes: 2 } };
  const config = httpConfig({ s1: server.address }, { global, frontend: { bind } });
  const { address } = await startBallast(config);
  const answers = await Promise.all(Array.from({ length: 40 }, () => getTls(address, toIt)));
  for (const answer of answers) expect(answer).toMatch(/web$/);
});

it("handshakes are counted by what was agreed on, and failures too", async () => {
  const server = await startHttpServer(named("web"));
  const clientAuth = { ca: authority.certFile, optional: true };
  const bind = { address: "127.0.0.1:0", tls: { certificates, clientAuth } };
  const admin = await startAdmin(httpConfig({ s1: server.address }, { frontend: { bind } }));
  const one = await connectTls(admin.front, toIt);
  let session: Buffer | undefined;
  one.on("session", (ticket: Buffer) => (session = ticket));
  one.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await until("a ticket", () => session);
  await connectTls(admin.front, { ...toIt, session: session as Buffer });
  await getTls(admin.front, { ...toIt, maxVersion: "TLSv1.2" });
  const client = authority.issue({ names: ["client"], usage: "client" });
  await getTls(admin.front, { ...toIt, ...credentials(client) });
  const bad = await connectClient(admin.front);
  bad.socket.write("no TLS");
  await bad.untilEnding();
  const { frontends } = (await admin.get("/frontends")) as { frontends: object[] };
  expect(frontends[0]).toMatchObject({
    handshakes: 4,
    resumptions: 1,
    tls13: 3,
    tls12: 1,
    tlsOlder: 0,
    clientCertificates: 1,
    handshakeFailures: 1,
  });
});

it.each(["tcp", "http"])("in %s mode it is counted how those end who never begin", async (mode) => {
  const server = await startHttpServer(named("web"));
  const bind = [{ address: "127.0.0.1:0", tls: { certificates }, acceptProxy: true }];
  const frontend = { mode, bind, timeout: { clientHs: "300ms" } };
  const admin = await startAdmin(httpConfig({ s1: server.address }, { frontend }));
  const [silent, gone, wrong] = await Promise.all(
    Array.from({ length: 3 }, () => connectClient(admin.front)),
  );
  wrong?.write("GET / HTTP/1.1\r\n\r\n");
  gone?.write("PROXY UNKNOWN\r\n\x16\x03\x01");
  gone?.reset();
  for (const client of [silent, wrong]) await client?.untilEnding();
  const [front] = await until("their ends", async () => {
    const { frontends } = await admin.get("/frontends");
    return frontends[0].sessions.now === 0 && (frontends as object[]);
  });
  expect(front).toMatchObject({ denied: 1, clientTimeouts: 1, clientAborts: 1 });
});
