// One HTTP server on one address, with the limits that keep a careless or hostile client from costing
// anything: connections, header size, and a time for everything. What it answers is not its business.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { chmod, lstat, rm } from "node:fs/promises";
import { formatAddress, type SocketAddress } from "../../config/address.ts";

const connectionsMax = 64;
const headerBytesMax = 16 * 1024;
/** For a whole head, a whole request, between two of them, and for a client that takes no answer. */
const headersMs = 5000;
const requestMs = 10_000;
const keepAliveMs = 5000;
const silentMs = 30_000;
/** Node looks at the first two this often. */
const lookMs = 1000;
/** Answers under way may be finished when it closes. */
const closeMs = 1000;

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export class HttpListener {
  /** Where it listens, port 0 replaced by the real one. */
  readonly address: string;
  readonly #server: Server;

  private constructor(server: Server, address: SocketAddress) {
    this.#server = server;
    this.address = formatAddress(address);
  }

  /** Rejects with the socket's error (an errno in `code`) when it cannot listen. */
  static async open(address: SocketAddress, answer: Answer): Promise<HttpListener> {
    const server = createServer(
      {
        maxHeaderSize: headerBytesMax,
        headersTimeout: headersMs,
        requestTimeout: requestMs,
        keepAliveTimeout: keepAliveMs,
        connectionsCheckingInterval: lookMs,
      },
      answer,
    );
    server.maxConnections = connectionsMax;
    server.setTimeout(silentMs);
    server.on("clientError", refuse);
    if (address.family === "unix") await clearStale(address.path);
    await listen(server, address);
    // From here on an error of the listening socket concerns one connection at most.
    server.on("error", () => {});
    // Whoever may connect to it may do everything that it can do.
    if (address.family === "unix") await chmod(address.path, 0o600);
    return new HttpListener(server, boundAddress(server, address));
  }

  /** Stops listening; answers under way have a moment. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const limit = setTimeout(() => this.#server.closeAllConnections(), closeMs);
    await closed;
    clearTimeout(limit);
  }
}

function listen(server: Server, address: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(
      address.family === "unix"
        ? { path: address.path }
        : { ...address, ipv6Only: address.family === "ipv6" && address.host !== "::" },
      () => {
        server.off("error", reject);
        resolve();
      },
    );
  });
}

function boundAddress(server: Server, address: SocketAddress): SocketAddress {
  if (address.family === "unix") return address;
  return { ...address, port: (server.address() as AddressInfo).port };
}

/** What is no HTTP, too long or too slow: one line, and the end of that connection. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, sentence] = refusal(error.code ?? "");
  const body = `${JSON.stringify({ error: sentence })}\n`;
  socket.on("error", () => {});
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    // It may go on sending for ever: the answer is on its way, and that is enough.
    () => socket.destroySoon(),
  );
}

function refusal(code: string): readonly [status: string, sentence: string] {
  if (code === "HPE_HEADER_OVERFLOW") {
    return [
      "431 Request Header Fields Too Large",
      `the head is longer than ${headerBytesMax} bytes`,
    ];
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return ["408 Request Timeout", "the request was not complete in time"];
  }
  return ["400 Bad Request", "this is not HTTP/1.1"];
}

/** A socket file that nobody answers on is left from a crash: it goes. */
async function clearStale(path: string): Promise<void> {
  const isSocket = await lstat(path).then(
    (stats) => stats.isSocket(),
    () => false,
  );
  if (!isSocket) return;
  const stale = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  });
  if (stale) await rm(path, { force: true });
}
