// Sessions of clients that get no tickets: kept by Ballast, gone on with on any worker, and only as long
// as the same clients are let in.
import { constants } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:net";
import type { TLSSocket } from "node:tls";
import { expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectOptions } from "../support/clients.ts";
import { httpConfig, named, startHttpServer } from "../support/http.ts";
import { reload } from "../support/reloading.ts";
import { connectTls, credentials, testAuthority, type TlsClientOptions } from "../support/tls.ts";
import { until } from "../support/until.ts";

const authority = testAuthority();
const certificates = authority.issue({ names: ["a.example"] });
const stranger = authority.intermediate("other clients");
const toIt = { ca: readFileSync(authority.certFile), servername: "a.example" };

/** Clients as old as that get no ticket in TLS 1.2. */
const noTickets: TlsClientOptions = {
  ...toIt,
  maxVersion: "TLSv1.2",
  secureOptions: constants.SSL_OP_NO_TICKET,
};
const newest: TlsClientOptions = { ...toIt, minVersion: "TLSv1.3" };

const request = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

/** Connects, and gives the session that a later connection may go on with. */
async function sessionOf(address: string, options: TlsClientOptions): Promise<Buffer> {
  const socket = await connectTls(address, options);
  let session: Buffer | undefined;
  socket.on("session", (told: Buffer) => (session = told));
  socket.write(request);
  await new Promise((resolve) => socket.once("data", resolve));
  if (options.maxVersion === "TLSv1.2") session = socket.getSession();
  return await until("a session", () => session);
}

async function resumes(
  address: string,
  options: TlsClientOptions,
  session: Buffer,
): Promise<boolean> {
  const socket: TLSSocket = await connectTls(address, { ...options, session });
  const reused = socket.isSessionReused();
  socket.destroy();
  return reused;
}

async function ballastWith(tls: Readonly<Record<string, unknown>>): Promise<Ballast> {
  const global = { workers: 3 };
  const server = await startHttpServer(named("web"));
  const frontend = { bind: { address: "127.0.0.1:0", tls: { certificates, ...tls } } };
  return await startBallast(httpConfig({ s1: server.address }, { global, frontend }));
}

it.each<[string, TlsClientOptions, Readonly<Record<string, unknown>>]>([
  ["TLS 1.2 of a client without tickets", noTickets, {}],
  ["TLS 1.3 without tickets", newest, { sessionTickets: false }],
  ["TLS 1.2 without tickets", { ...toIt, maxVersion: "TLSv1.2" }, { sessionTickets: false }],
])("%s: a session goes on on whatever worker it lands", async (_, options, tls) => {
  const { address } = await ballastWith(tls);
  const session = await sessionOf(address, options);
  for (let i = 0; i < 12; i++) expect(await resumes(address, options, session)).toBe(true);
});

it.each<[string, TlsClientOptions, Readonly<Record<string, unknown>>]>([
  ["TLS 1.2 of a client without tickets", noTickets, { sessionCache: 0 }],
  ["TLS 1.2", noTickets, { sessionCache: 0, sessionTickets: false }],
])("%s: without a cache nothing goes on", async (_, options, tls) => {
  const { address } = await ballastWith(tls);
  const session = await sessionOf(address, options);
  expect(await resumes(address, options, session)).toBe(false);
});

it("TLS 1.3 without tickets and without a cache is given no session", async () => {
  const { address } = await ballastWith({ sessionCache: 0, sessionTickets: false });
  const socket = await connectTls(address, newest);
  let sessions = 0;
  socket.on("session", () => sessions++);
  socket.write(request);
  await new Promise((resolve) => socket.once("data", resolve));
  expect(sessions).toBe(0);
});

it("a session outlives a reset of its connection, and a reload", async () => {
  const ballast = await ballastWith({});
  const { address } = ballast;
  const beneath = connect({ ...connectOptions(address) });
  const socket = await connectTls(address, { ...noTickets, socket: beneath });
  const session = socket.getSession() as Buffer;
  beneath.resetAndDestroy();
  expect(await resumes(address, noTickets, session)).toBe(true);
  const server = await startHttpServer(named("other"));
  const frontend = { bind: { address: "127.0.0.1:0", tls: { certificates } } };
  const parts = { global: { workers: 3 }, frontend };
  await reload(ballast, httpConfig({ s2: server.address }, parts));
  expect(await resumes(address, noTickets, session)).toBe(true);
});

it("a session ends with sessionTimeout", async () => {
  const { address } = await ballastWith({ sessionTimeout: "1s" });
  const session = await sessionOf(address, noTickets);
  const ended = async (): Promise<boolean> => !(await resumes(address, noTickets, session));
  expect(await until("the session to have ended", ended)).toBe(true);
});

/** How a client fares that goes on with a session: TLS 1.3 tells it with the first bytes it reads. */
async function fate(address: string, options: TlsClientOptions, session: Buffer): Promise<string> {
  try {
    const socket = await connectTls(address, { ...options, session });
    const read = new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("end", () => reject(new Error("ended")));
      socket.once("data", resolve);
    });
    socket.write(request);
    await read;
    return socket.isSessionReused() ? "resumed" : "anew";
  } catch {
    return "refused";
  }
}

it.each<[string, TlsClientOptions]>([
  ["TLS 1.2 without tickets", noTickets],
  ["TLS 1.2 with tickets", { ...toIt, maxVersion: "TLSv1.2" }],
  ["TLS 1.3 with tickets", newest],
])("%s: who is not trusted any more must shake hands anew", async (_, options) => {
  const ballast = await ballastWith({});
  const { address } = ballast;
  const files = authority.issue({ names: ["client"], usage: "client" });
  const known = { ...options, ...credentials(files) };
  const trusting = async (ca: string): Promise<void> => {
    copyFileSync(ca, join(ballast.folder, "clients.pem"));
    const server = await startHttpServer(named("web"));
    const tls = { certificates, clientAuth: { ca: "clients.pem", require: true } };
    const frontend = { bind: { address: "127.0.0.1:0", tls } };
    const parts = { global: { workers: 3 }, frontend };
    await reload(ballast, httpConfig({ s1: server.address }, parts));
  };
  await trusting(authority.certFile);
  const session = await sessionOf(address, known);
  for (let i = 0; i < 6; i++) expect(await fate(address, known, session)).toBe("resumed");
  await trusting(stranger.certFile);
  expect(await fate(address, known, session)).toBe("refused");
  await trusting(authority.certFile);
  expect(await fate(address, known, session)).toBe("resumed");
});
