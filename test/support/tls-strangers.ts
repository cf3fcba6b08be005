// Clients that break the rules of TLS, each in its own way, and servers that do. Each connection is over
// when Ballast has ended it, or when the stranger has left; none is kept. What Ballast says to them is not
// looked at here. Those still open when the test ends are destroyed.
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect, TLSSocket, type ConnectionOptions, type TlsOptions } from "node:tls";
import { connectOptions } from "./clients.ts";
import { atTestEnd } from "./leftovers.ts";

/** The longest that a record may say it is, and one more (RFC 8446 section 5.2 and RFC 5246). */
const tooLong = 16 * 1024 + 2048 + 1;

function record(type: number, length: number, content: Uint8Array = new Uint8Array(0)): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3, length >> 8, length & 0xff]), content]);
}

const garbage = Buffer.from("\0\x01\x02 no TLS at all, ".repeat(20), "latin1");
/** fatal handshake_failure; close_notify; of a level and a kind that there are not. */
const refusal = record(21, 2, Buffer.from("0228", "hex"));
const nonsense = record(21, 2, Buffer.from("63ff", "hex"));
const alerts: readonly Buffer[] = [refusal, nonsense, record(21, 2, Buffer.from("0100", "hex"))];

/** How many connections halfOpen() and noTls() make. */
export const halfOpenKinds = 4;
export const openingKinds = 14;

/** What those who have shaken hands do then. */
export const breaks = ["garbage", "long", "cut", "alert", "reset"] as const;

/** What a client of Node's says first. */
export function helloOfNode(options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _, done) {
        resolve(chunk);
        done();
      },
    });
    const socket = connect({ ...options, socket: wire });
    socket.on("error", () => {});
    wire.once("close", () => socket.destroy());
    setImmediate(() => wire.destroy());
  });
}

/** All methods but deaf() resolve when the connection is over. */
export class Strangers {
  readonly #open: Set<Socket>;
  readonly #hello: Buffer;
  readonly #trust: ConnectionOptions;

  /** `trust`: for those that shake hands before they break the rules. */
  constructor(hello: Buffer, trust: ConnectionOptions) {
    this.#open = new Set();
    this.#hello = hello;
    this.#trust = trust;
    atTestEnd(() => this.leave());
  }

  /** All who are still there leave. */
  leave(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Says something in clear, and stays until it is sent away. */
  opening(address: string, bytes: Uint8Array): Promise<void> {
    const socket = this.#connect(address);
    socket.resume();
    socket.write(bytes);
    return gone(socket);
  }

  /** A hello, and then nothing; or half of one; or nothing at all. */
  halfOpen(address: string): Promise<void>[] {
    const hello = this.#hello;
    return [hello.length, hello.length >> 1, 3, 0].map((said) =>
      this.opening(address, hello.subarray(0, said)),
    );
  }

  /** What no hello begins with, and hellos that go on as nothing else than bad. */
  noTls(address: string): Promise<void>[] {
    const hello = this.#hello;
    const broken = Buffer.from(hello);
    // The lengths of what it consists of.
    broken.fill(0xff, 43, 48);
    const openings = [
      garbage,
      Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
      record(22, tooLong, garbage),
      record(23, 20, garbage),
      broken,
      ...alerts,
      ...[garbage, record(22, tooLong), record(23, 20, garbage), ...alerts].map((then) =>
        Buffer.concat([hello, then]),
      ),
    ];
    return openings.map((bytes) => this.opening(address, bytes));
  }

  /** A hello where it is not expected. */
  plain(address: string): Promise<void> {
    return this.opening(address, this.#hello);
  }

  /** Ends its side in the middle of a hello, in an orderly way. */
  async cutShort(address: string): Promise<void> {
    const socket = this.#connect(address);
    socket.resume();
    socket.end(this.#hello.subarray(0, this.#hello.length - 10));
    await gone(socket);
  }

  /** Resets: with half a hello said, or with the server's answer there. */
  async reset(address: string, answered: boolean): Promise<void> {
    const socket = this.#connect(address);
    const bytes = answered ? this.#hello : this.#hello.subarray(0, 100);
    if (answered) socket.once("data", () => socket.resetAndDestroy());
    socket.write(bytes, () => {
      if (!answered) socket.resetAndDestroy();
    });
    await gone(socket);
  }

  /** Shakes hands, sends `words`, and breaks the rules when the answer begins. */
  async broken(address: string, how: (typeof breaks)[number], words: string): Promise<void> {
    const { beneath, socket } = this.#secure(address);
    socket.once("secureConnect", () => void socket.write(words));
    socket.once("data", () => {
      if (how === "reset") beneath.resetAndDestroy();
      else if (how === "garbage") beneath.write(record(23, 32, Buffer.alloc(32, 7)));
      else if (how === "long") beneath.write(record(23, tooLong, garbage));
      else if (how === "alert") beneath.write(refusal);
      else beneath.end(record(23, 500, garbage.subarray(0, 100)));
    });
    await gone(beneath);
  }

  /** Shakes hands, says this and takes nothing that it is answered; stays until it leaves. */
  deaf(address: string, words: Uint8Array): void {
    const { socket } = this.#secure(address);
    // It stops to read at the high-water mark, because nobody takes what it has read.
    socket.once("secureConnect", () => void socket.write(words));
  }

  /** Behaves, and is sent away for the server's sake. */
  async talking(address: string, words: Uint8Array): Promise<void> {
    const { beneath, socket } = this.#secure(address);
    socket.resume();
    socket.once("secureConnect", () => void socket.write(words));
    await gone(beneath);
  }

  #connect(address: string): Socket {
    const socket = connectTcp(connectOptions(address));
    this.#open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#open.delete(socket));
    return socket;
  }

  #secure(address: string): { readonly beneath: Socket; readonly socket: TLSSocket } {
    const beneath = this.#connect(address);
    const socket = connect({ ...this.#trust, socket: beneath });
    socket.on("error", () => void beneath.destroy());
    socket.once("close", () => void beneath.destroy());
    return { beneath, socket };
  }
}

function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/** What servers do that break the rules: one after the other. */
type Wrong = (socket: Socket, options: TlsOptions) => void;

const wrongs: readonly Wrong[] = [
  (socket) => void socket.end(),
  (socket) => void socket.end(garbage),
  (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  // Silence: for the time limit.
  () => {},
  (socket) => void socket.once("data", () => socket.resetAndDestroy()),
  (socket) => void socket.once("data", () => socket.end(record(22, 200, garbage.subarray(0, 90)))),
  (socket) => void socket.once("data", () => socket.end(record(22, tooLong, garbage))),
  (socket) => void socket.once("data", () => socket.end(refusal)),
  (socket) => void socket.once("data", () => socket.end(nonsense)),
  (socket, options) => void accept(socket, options).once("secure", () => socket.resetAndDestroy()),
  (socket, options) =>
    void accept(socket, options).once("secure", () => socket.end(record(23, 40, garbage))),
];

function accept(socket: Socket, options: TlsOptions): TLSSocket {
  const secure = new TLSSocket(socket, { isServer: true, ...options });
  secure.on("error", () => {});
  return secure.resume();
}

/** So many connections meet each kind of wrong server once. */
export const wrongKinds: number = wrongs.length;

/** A server that is another kind of wrong with each connection. Its address. */
export function startWrongServer(options: TlsOptions): Promise<string> {
  let turn = 0;
  return start((socket) => {
    socket.resume();
    wrongs[turn++ % wrongs.length]?.(socket, options);
  });
}

/** A server that shakes hands and then reads nothing. Its address. */
export function startDeafServer(options: TlsOptions): Promise<string> {
  return start((socket) => {
    const secure = accept(socket, options);
    secure.once("secure", () => void secure.pause());
  });
}

async function start(behaviour: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
    behaviour(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, resolve);
  });
  atTestEnd(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
