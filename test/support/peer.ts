// One end of a stream connection in a test, a client's or a server's alike: what it has received,
// how it ended, and promises for both. Half-open by default, so that a test decides when to end.
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { pendingError } from "../../src/sys/stream-socket.ts";
import { until } from "./until.ts";

/** How the other side ended: `fin`, `reset`, or an errno's name when the connection never stood. */
export type Ending = string;

export class Peer {
  readonly socket: Socket;
  /** Bytes received so far. */
  bytes: number;
  /** What the other side did at last; null while it has done nothing. */
  ending: Ending | null;
  /** It is, or was. */
  connected: boolean;
  /** This end's own address as the access log writes it; empty before it is connected. */
  address: string;
  #chunks: Buffer[];
  #keep: boolean;
  readonly #hash: ReturnType<typeof createHash>;

  constructor(socket: Socket) {
    this.socket = socket;
    this.bytes = 0;
    this.ending = null;
    this.connected = !socket.connecting;
    this.address = ownAddress(socket);
    this.#chunks = [];
    this.#keep = true;
    this.#hash = createHash("sha256");
    socket.once("connect", () => {
      this.connected = true;
      this.address = ownAddress(socket);
    });
    socket.on("data", (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.#hash.update(chunk);
      if (this.#keep) this.#chunks.push(chunk);
    });
    socket.on("end", () => {
      this.ending ??= wasReset(socket) ? "reset" : "fin";
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const { code = "error" } = error;
      this.ending = code === "ECONNRESET" || code === "EPIPE" ? "reset" : code;
    });
  }

  /** From now on received bytes are counted and hashed, not kept. */
  digestOnly(): this {
    this.#keep = false;
    this.#chunks = [];
    return this;
  }

  /** All received so far. */
  get content(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  get text(): string {
    return this.content.toString("latin1");
  }

  /** SHA-256 of all received so far. */
  get digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** Bytes that the kernel has taken from this end so far. */
  get taken(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Sends what is left, then FIN. Reading goes on. */
  end(data: string | Uint8Array = ""): void {
    this.socket.end(data);
  }

  /** RST, at once. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Stops taking data: the kernel's buffer fills, then the sender stalls. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Everything received, once it is `length` bytes or more. Rejects when it ends before. */
  async untilBytes(length: number, limitMs?: number): Promise<Buffer> {
    await until(
      `${length} bytes`,
      () => {
        if (this.bytes >= length) return true;
        if (this.ending === null) return false;
        throw new Error(`ended (${this.ending}) after ${this.bytes} of ${length} bytes`);
      },
      limitMs,
    );
    return this.content;
  }

  /** Everything received, once it contains `text`. Rejects when it ends before. */
  async untilText(text: string): Promise<string> {
    await until(JSON.stringify(text), () => {
      if (this.text.includes(text)) return true;
      if (this.ending === null) return false;
      throw new Error(`ended (${this.ending}) after ${JSON.stringify(this.text)}`);
    });
    return this.text;
  }

  /** Everything received, once the other side has sent FIN. Rejects when it was reset instead. */
  async untilEnd(limitMs?: number): Promise<Buffer> {
    const ending = await this.untilEnding(limitMs);
    if (ending !== "fin") throw new Error(`ended with ${ending} after ${this.bytes} bytes, no FIN`);
    return this.content;
  }

  /** Waits for RST. Rejects when the other side ended in an orderly way. */
  async untilReset(limitMs?: number): Promise<void> {
    const ending = await this.untilEnding(limitMs);
    if (ending !== "reset") throw new Error(`ended with ${ending}, no reset`);
  }

  /** How the other side ended, whichever way. */
  untilEnding(limitMs?: number): Promise<Ending> {
    return until("the other side to end", () => this.ending, limitMs);
  }
}

/**
 * When data and RST arrive in one poll, libuv reads the data and reports the hang-up behind it as an
 * end (uv__stream_io's short cut for POLLHUP after a partial read). The kernel still has the error.
 */
function wasReset(socket: Socket): boolean {
  const { _handle: handle } = socket as { _handle?: { fd?: number } | null };
  const descriptor = handle?.fd ?? -1;
  return process.platform === "linux" && descriptor >= 0 && pendingError(descriptor) !== 0;
}

/** Kept by a peer, because a closed socket has forgotten it. */
function ownAddress({ localAddress, localPort, localFamily }: Socket): string {
  if (localAddress === undefined) return "";
  return localFamily === "IPv6" ? `[${localAddress}]:${localPort}` : `${localAddress}:${localPort}`;
}
