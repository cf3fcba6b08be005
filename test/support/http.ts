// What tests of http mode need: its configuration, servers in Node's own HTTP, and clients that send
// bytes as written and read answers strictly.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connectClient } from "./clients.ts";
import { atTestEnd } from "./leftovers.ts";
import type { Peer } from "./peer.ts";
import { type ConfigParts, type Servers, type Settings, tcpConfig } from "./tcp-config.ts";
import { until } from "./until.ts";

/** The configuration that tests of http mode start from: see tcpConfig. */
export function httpConfig(servers: Servers, parts: ConfigParts = {}): Settings {
  return tcpConfig(servers, { ...parts, frontend: { mode: "http", ...parts.frontend } });
}

export interface HttpServer {
  /** As a configuration writes it. */
  readonly address: string;
  /** Requests so far, the oldest first. */
  readonly requests: readonly IncomingMessage[];
  /** Connections so far. */
  readonly connections: readonly Socket[];
  readonly server: Server;
}

/** A server in Node's HTTP, an oracle that is not ours. Stopped when the test ends. */
export async function startHttpServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  port = 0,
): Promise<HttpServer> {
  const requests: IncomingMessage[] = [];
  const connections: Socket[] = [];
  const server = createServer(
    { keepAliveTimeout: 600_000, requestTimeout: 0 },
    (message, response) => {
      requests.push(message);
      answer(message, response);
    },
  );
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    connections.push(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", backlog: 2048 }, resolve);
  });
  atTestEnd(async () => {
    const closed = server.listening ? new Promise((resolve) => server.close(resolve)) : null;
    for (const socket of connections) socket.destroy();
    await closed;
  });
  const { port: bound } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${bound}`, requests, connections, server };
}

/** Answers its own name. */
export function named(name: string): (request: IncomingMessage, response: ServerResponse) => void {
  return (_request, response) => void response.end(name);
}

/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  /** The head without its last, empty line. */
  readonly head: string;
  /** Fields by lower-case name; of one that came twice all values, joined by newlines. */
  readonly fields: Readonly<Record<string, string>>;
  /** Without framing. */
  readonly body: string;
  /** Bytes of the connection behind it, so far. */
  readonly rest: string;
}

/** Connects, sends `text` as it is, and leaves the connection open. */
export async function sendRaw(address: string, text: string): Promise<Peer> {
  const peer = await connectClient(address);
  peer.write(text);
  return peer;
}

/** One request over a connection of its own. `headers`: lines without their ends. */
export async function request(
  address: string,
  target = "/",
  { method = "GET", headers = [], body = "" }: RequestOptions = {},
): Promise<RawResponse> {
  const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body, "latin1")}`];
  const host = headers.some((line) => /^host:/i.test(line)) ? [] : ["Host: example.com"];
  const lines = [`${method} ${target} HTTP/1.1`, ...host, ...headers, ...length];
  const peer = await sendRaw(address, `${lines.join("\r\n")}\r\n\r\n${body}`);
  const response = await nextResponse(peer, 0, method);
  peer.reset();
  return response;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/**
 * The response that begins at byte `from` of what the peer has received, once it is whole; final ones
 * and interim ones alike. Rejects when the connection ends in the middle of it.
 */
export async function nextResponse(peer: Peer, from = 0, method = "GET"): Promise<RawResponse> {
  return await until("a whole response", () => {
    const response = readResponse(peer.text.slice(from), method, peer.ending !== null);
    if (response !== null) return response;
    if (peer.ending === null) return null;
    throw new Error(
      `ended (${peer.ending}) within ${JSON.stringify(peer.text.slice(from, from + 500))}`,
    );
  });
}

/** Null: there is more to come. `ended`: what has no length ends here. */
export function readResponse(text: string, method: string, ended: boolean): RawResponse | null {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const head = text.slice(0, headEnd);
  const [statusLine = "", ...lines] = head.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] ([0-9]{3}) ?/.exec(statusLine)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(statusLine)}`);
  const fields: Record<string, string> = {};
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`no field: ${JSON.stringify(line)}`);
    const key = name.toLowerCase();
    fields[key] = key in fields ? `${fields[key]}\n${value}` : value;
  }
  const after = text.slice(headEnd + 4);
  const made = (body: string, rest: string): RawResponse => ({ status, head, fields, body, rest });
  if (status < 200 || status === 204 || status === 304 || method === "HEAD") return made("", after);
  if (fields["transfer-encoding"] === "chunked") {
    const chunked = readChunks(after);
    return chunked === null ? null : made(chunked.body, chunked.rest);
  }
  const length = fields["content-length"];
  if (length === undefined) return ended ? made(after, "") : null;
  const bytes = Number(length);
  return after.length < bytes ? null : made(after.slice(0, bytes), after.slice(bytes));
}

function readChunks(text: string): { readonly body: string; readonly rest: string } | null {
  let body = "";
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (Number.isNaN(size))
      throw new Error(`no chunk size: ${JSON.stringify(text.slice(at, lineEnd))}`);
    at = lineEnd + 2;
    if (size === 0) {
      const trailersEnd = text.startsWith("\r\n", at) ? at : text.indexOf("\r\n\r\n", at);
      if (trailersEnd < 0) return null;
      const rest = text.slice(trailersEnd === at ? at + 2 : trailersEnd + 4);
      return { body, rest };
    }
    if (text.length < at + size + 2) return null;
    body += text.slice(at, at + size);
    at += size + 2;
  }
}
