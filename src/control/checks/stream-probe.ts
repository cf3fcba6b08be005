// A probe over a connection: connects, opens with a PROXY protocol header if the server wants one,
// and lets a dialogue speak until it has a verdict, all of it within the check's timeout. Sockets
// are read without Node's streams and closed with RST: at 500 checks a second both count (a FIN
// would leave a TIME_WAIT each).
import { connect, type Socket, type SocketConnectOpts } from "node:net";
import type { NamedAddress, SocketAddress } from "../../config/address.ts";
import type { CheckPlan } from "../../config/check-plan.ts";
import { encodeLocalProxyHeader } from "../../proxy/proxy-protocol/encode.ts";
import type { Dialogue } from "./dialogue.ts";
import {
  formatMs,
  overslept,
  type Probe,
  type ProbeResult,
  type ProbeTarget,
  type Probing,
} from "./probe.ts";

/** What one read takes: answers to checks are small. */
const readBytes = 4096;

const failures: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "connection reset"],
  ["EPIPE", "connection reset"],
  ["EHOSTUNREACH", "host unreachable"],
  ["ENETUNREACH", "network unreachable"],
  ["ETIMEDOUT", "connection timed out"],
  ["ENOENT", "connection refused: no such socket"],
  ["EACCES", "permission denied"],
  ["ENOTFOUND", "the check's address does not resolve"],
  ["EAI_AGAIN", "the check's address does not resolve"],
]);

/** Codes that tell of this process, not of the server. */
const ownTroubles: ReadonlyMap<string, string> = new Map([
  ["EMFILE", "no descriptors left (ulimit -n)"],
  ["ENFILE", "no descriptors left on this machine"],
  ["ENOMEM", "no memory left"],
  ["ENOBUFS", "no socket memory left"],
  ["EADDRNOTAVAIL", "no local port left"],
]);

/** `dialogue` makes a fresh one for each probe. */
export function streamProbe(check: CheckPlan, dialogue: (target: ProbeTarget) => Dialogue): Probe {
  return (target) => new StreamProbing(target.address, check, dialogue(target));
}

class StreamProbing implements Probing {
  readonly result: Promise<ProbeResult>;
  readonly #dialogue: Dialogue;
  readonly #check: CheckPlan;
  readonly #beganMs: number;
  readonly #unix: boolean;
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  #connected: boolean;
  #over: boolean;
  #resolve: (result: ProbeResult) => void;

  constructor(address: SocketAddress | NamedAddress, check: CheckPlan, dialogue: Dialogue) {
    this.#dialogue = dialogue;
    this.#check = check;
    this.#beganMs = performance.now();
    this.#unix = address.family === "unix";
    this.#connected = false;
    this.#over = false;
    this.#resolve = () => {};
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.#timeIsUp(), check.timeoutMs);
    const onread = {
      buffer: () => Buffer.allocUnsafe(readBytes),
      callback: (length: number, bytes: Uint8Array) => this.#receive(bytes, length),
    };
    const options = { ...endpoint(address), onread } as unknown as SocketConnectOpts;
    this.#socket = connect(options);
    this.#socket.once("connect", () => this.#stands());
    this.#socket.once("end", () => this.#ended());
    // Not once: a socket that is closed by us may still have something to say.
    this.#socket.on("error", (error: NodeJS.ErrnoException) => this.#failed(error.code ?? ""));
  }

  end(): void {
    this.#finish(null, "ended before its time");
  }

  #stands(): void {
    if (this.#over) return;
    this.#connected = true;
    const { sendProxy } = this.#check;
    if (sendProxy !== 0) this.#say(encodeLocalProxyHeader(sendProxy));
    this.#hear("");
  }

  #say(bytes: Uint8Array | string): void {
    if (typeof bytes === "string") this.#socket.write(bytes, "latin1");
    else this.#socket.write(bytes);
  }

  /** False stops reading. */
  #receive(bytes: Uint8Array, length: number): boolean {
    if (!this.#over) this.#hear((bytes as Buffer).toString("latin1", 0, length));
    return !this.#over;
  }

  #hear(received: string): void {
    const verdict = this.#dialogue.next(received, (bytes) => this.#say(bytes));
    if (verdict !== null) this.#finish(verdict.ok, verdict.text);
  }

  #ended(): void {
    if (this.#over) return;
    const { ok, text } = this.#dialogue.ended();
    this.#finish(ok, text);
  }

  #failed(code: string): void {
    const own = ownTroubles.get(code);
    if (own !== undefined) this.#finish(null, own);
    else this.#finish(false, failures.get(code) ?? `connection failed: ${code}`);
  }

  /** The answer may have come while this thread was busy: it is read first. */
  #timeIsUp(): void {
    setImmediate(() => this.#timedOut());
  }

  #timedOut(): void {
    const { timeoutMs } = this.#check;
    const still = overslept(this.#beganMs, timeoutMs);
    if (still !== null) {
      this.#finish(null, still);
      return;
    }
    const missing = this.#connected ? this.#dialogue.missing() : "no connection";
    this.#finish(false, `${missing} within ${formatMs(timeoutMs)}`);
  }

  #finish(ok: boolean | null, text: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    // While it connects a reset would wait for the connection; unix sockets know none.
    if (this.#connected && !this.#unix && !this.#socket.destroyed) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    this.#resolve({ ok, text, durationMs: performance.now() - this.#beganMs });
  }
}

function endpoint(address: SocketAddress | NamedAddress): object {
  return address.family === "unix"
    ? { path: address.path }
    : { host: address.host, port: address.port, noDelay: true };
}
