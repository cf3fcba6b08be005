// TLS clients and servers for tests: Node's own, and OpenSSL's s_client as a second opinion. What they
// open is closed when the test ends.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connect,
  createServer,
  type ConnectionOptions,
  type TLSSocket,
  type TlsOptions,
} from "node:tls";
import { afterAll } from "vitest";
import { Authority } from "./authority.ts";
import { connectOptions } from "./clients.ts";
import { atTestEnd } from "./leftovers.ts";

/** An authority in a folder that is gone after the last test of the file. */
export function testAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  return Authority.create(join(folder, "ca"));
}

export interface TlsClientOptions extends ConnectionOptions {
  /** Sent in clear before the handshake. */
  readonly before?: Uint8Array;
}

/** A client whose handshake is complete. Rejects with the error's code or message when it fails. */
export function connectTls(address: string, options: TlsClientOptions = {}): Promise<TLSSocket> {
  const beneath =
    options.socket ??
    connectTcp({ ...connectOptions(address), allowHalfOpen: true, noDelay: true });
  if (options.before !== undefined) beneath.write(options.before);
  const socket = connect({ ...options, socket: beneath });
  atTestEnd(() => void beneath.destroy());
  return new Promise((resolve, reject) => {
    beneath.once("error", reject);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed during the handshake")));
    socket.once("secureConnect", () => resolve(socket));
  });
}

/** Why a handshake failed; a test that expects it to. */
export async function handshakeError(address: string, options: ConnectionOptions): Promise<string> {
  try {
    await connectTls(address, options);
  } catch (error) {
    return `${(error as NodeJS.ErrnoException).code ?? ""} ${(error as Error).message}`;
  }
  return "";
}

/** Sends, and reads to the end. */
export async function exchange(socket: TLSSocket, text: string | Uint8Array): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("end", resolve);
    socket.once("close", resolve);
  });
  socket.end(text);
  await ended;
  return Buffer.concat(chunks);
}

/** One GET over TLS on a connection of its own: the whole answer. */
export async function getTls(address: string, options: TlsClientOptions = {}): Promise<string> {
  const socket = await connectTls(address, options);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("end", resolve);
  });
  return Buffer.concat(chunks).toString("latin1");
}

export interface TlsServer {
  /** As a configuration writes it. */
  readonly address: string;
  /** Whose handshake was complete, the oldest first. */
  readonly sockets: readonly TLSSocket[];
}

/** A server in Node's TLS. */
export async function startTlsServer(
  options: TlsOptions,
  behaviour: (socket: TLSSocket) => void,
): Promise<TlsServer> {
  const sockets: TLSSocket[] = [];
  const server = createServer({ allowHalfOpen: true, ...options }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    behaviour(socket);
  });
  const open = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atTestEnd(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

/** Key and certificate for node:tls. */
export function credentials(files: { readonly cert: string; readonly key: string }): {
  readonly cert: Buffer;
  readonly key: Buffer;
} {
  return { cert: readFileSync(files.cert), key: readFileSync(files.key) };
}

/**
 * All that `openssl s_client` says, both streams together; `input` is what it sends. With `enough` it
 * is ended as soon as it has said that.
 */
export function sClient(
  address: string,
  words: readonly string[],
  input = "",
  enough: RegExp | null = null,
): Promise<string> {
  const program = spawn("openssl", ["s_client", "-connect", address, ...words], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  atTestEnd(() => void program.kill("SIGKILL"));
  const chunks: Buffer[] = [];
  const said = (): string => Buffer.concat(chunks).toString("latin1");
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    if (enough?.test(said()) === true) program.kill("SIGKILL");
  };
  program.stdout.on("data", onData);
  program.stderr.on("data", onData);
  program.stdin.on("error", () => {});
  program.stdin.end(input);
  return new Promise((resolve, reject) => {
    program.once("error", reject);
    program.once("close", () => resolve(said()));
  });
}
