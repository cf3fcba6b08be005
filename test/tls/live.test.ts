// Certificates that change while Ballast runs, and sessions that are gone on with on any worker.
import { copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { reload } from "../support/reloading.ts";
import { echoes, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { connectTls, testAuthority } from "../support/tls.ts";
import { until } from "../support/until.ts";
import { httpConfig, named, startHttpServer } from "../support/http.ts";

const authority = testAuthority();
const ca = readFileSync(authority.certFile);
const names = ["a.example"];
const first = authority.issue({ names, commonName: "first" });
const second = authority.issue({ names, commonName: "second" });
const toIt = { ca, servername: "a.example" };

function subjectOf(socket: TLSSocket): string {
  return String(socket.getPeerCertificate().subject.CN);
}

/** Puts a pair where the configuration names it, as a careful program does. */
function install(folder: string, files: { readonly cert: string; readonly key: string }): void {
  for (const [from, to] of [
    [files.key, "site.key"],
    [files.cert, "site.pem"],
  ] as const) {
    copyFileSync(from, join(folder, `${to}.new`));
    renameSync(join(folder, `${to}.new`), join(folder, to));
  }
}

async function echoed(socket: TLSSocket, text: string): Promise<string> {
  socket.write(text);
  return await new Promise((resolve) =>
    socket.once("data", (chunk: Buffer) => resolve(String(chunk))),
  );
}

it("a changed certificate is used by all workers without a reload, and a broken one is not", async () => {
  const server = await startServer(echoes);
  const plain = tcpConfig({ s1: server }, { global: { workers: 2 } });
  const ballast = await startBallast(plain);
  install(ballast.folder, first);
  const bind = {
    address: "127.0.0.1:0",
    tls: { certificates: { cert: "site.pem", key: "site.key" } },
  };
  const config = tcpConfig({ s1: server }, { global: { workers: 2 }, frontend: { bind } });
  await reload(ballast, config);
  const { address } = ballast;
  const before = await connectTls(address, toIt);
  expect(subjectOf(before)).toBe("first");

  writeFileSync(join(ballast.folder, "site.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n");
  const warning = await ballast.untilMessage(({ message }) => /stays in use/.test(message));
  expect(warning.message).toMatch(/site\.pem/);
  expect(subjectOf(await connectTls(address, toIt))).toBe("first");

  install(ballast.folder, second);
  await ballast.untilMessage(({ message }) => /new TLS files are in use.*site\.pem/.test(message));
  // The message is on its way to both workers; which of them a connection meets is chance.
  const seen: string[] = [];
  await until("eight handshakes in a row with the new one", async () => {
    const socket = await connectTls(address, toIt);
    seen.push(subjectOf(socket));
    socket.destroy();
    return seen.slice(-8).join() === "second,".repeat(8).slice(0, -1);
  });
  // It has begun with the old one, and goes on.
  expect(await echoed(before, "still here")).toBe("still here");
});

it.each(["TLSv1.2", "TLSv1.3"] as const)(
  "%s: a session goes on on whatever worker it lands",
  async (version) => {
    const server = await startHttpServer(named("web"));
    const tls = { certificates: first };
    const parts = { global: { workers: 3 }, frontend: { bind: { address: "127.0.0.1:0", tls } } };
    const { address } = await startBallast(httpConfig({ s1: server.address }, parts));
    const options = { ...toIt, minVersion: version, maxVersion: version };
    let session: Buffer | undefined;
    const one = await connectTls(address, options);
    one.on("session", (ticket: Buffer) => (session = ticket));
    one.write("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    // Before TLS 1.3 the ticket is part of the handshake.
    if (version === "TLSv1.2") session = one.getSession();
    await until("a ticket", () => session);
    for (let i = 0; i < 12; i++) {
      const socket = await connectTls(address, { ...options, session: session as Buffer });
      expect(socket.isSessionReused()).toBe(true);
      socket.destroy();
    }
  },
);

it("TLS 1.3: who goes on with a session gets a new ticket, for a ticket is used once", async () => {
  const server = await startHttpServer(named("web"));
  const parts = { frontend: { bind: { address: "127.0.0.1:0", tls: { certificates: first } } } };
  const { address } = await startBallast(httpConfig({ s1: server.address }, parts));
  let session: Buffer | undefined;
  for (let visit = 0; visit < 6; visit++) {
    const socket = await connectTls(address, { ...toIt, minVersion: "TLSv1.3", session });
    expect(socket.isSessionReused()).toBe(visit > 0);
    session = undefined;
    socket.on("session", (ticket: Buffer) => (session = ticket));
    socket.write("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    await until("a ticket of this visit", () => session);
    socket.destroy();
  }
});
