// Clients of the chaos test. Each leads one of several lives: it talks, half-closes at once, holds
// its place until it is let go, takes nothing for a while, or walks away. Whoever stays to the end
// must get exactly what it sent; only who lived through a disruption may be cut short.
import { connect, type Socket } from "node:net";
import { portOf } from "../support/clients.ts";
import { payload } from "../support/payload.ts";
import { within } from "../support/until.ts";

const lives = ["talks", "talks", "halfCloses", "halfCloses", "holds", "stalls", "resets", "leaves"];

/** What breaks sessions by right: a server or a worker that is killed. Odd while it goes on. */
export interface Disruptions {
  count: number;
}

export class ChaosClients {
  /** What must not be, in words. */
  readonly complaints: string[];
  /** Those that got all their bytes back. */
  whole: number;
  /** Those that a disruption cut short. */
  excused: number;
  readonly #address: string;
  readonly #random: () => number;
  readonly #disruptions: Disruptions;
  readonly #lives: Set<Promise<void>>;
  /** Lets go those that hold or stall, in the order in which they came. */
  readonly #held: (() => void)[];
  #begun: number;

  constructor(address: string, random: () => number, disruptions: Disruptions) {
    this.complaints = [];
    this.whole = 0;
    this.excused = 0;
    this.#address = address;
    this.#random = random;
    this.#disruptions = disruptions;
    this.#lives = new Set();
    this.#held = [];
    this.#begun = 0;
  }

  get living(): number {
    return this.#lives.size;
  }

  begin(): void {
    const life = this.#live(++this.#begun).finally(() => this.#lives.delete(life));
    this.#lives.add(life);
  }

  /** Lets so many go on that hold a place or take nothing. */
  release(count: number): void {
    for (const go of this.#held.splice(0, count)) go();
  }

  /** Resolves when the last of them has ended. */
  async finish(): Promise<void> {
    while (this.#lives.size > 0) {
      this.release(Infinity);
      await within("clients to end", Promise.race(this.#lives));
    }
  }

  async #live(id: number): Promise<void> {
    const { count } = this.#disruptions;
    const life = lives[Math.floor(this.#random() * lives.length)] as string;
    const bytes = payload(1 + Math.floor(this.#random() ** 4 * 100_000), id);
    const cut = Math.floor(this.#random() * bytes.length);
    const localAddress = `127.0.7.${1 + Math.floor(this.#random() * 30)}`;
    const port = portOf(this.#address);
    const socket = connect({ host: "127.0.0.1", port, localAddress, allowHalfOpen: true });
    const chunks: Buffer[] = [];
    let failure = "";
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", ({ code = "" }: NodeJS.ErrnoException) => (failure = code));
    const ended = new Promise<void>((resolve) => {
      socket.once("end", resolve);
      socket.once("close", () => resolve());
    });
    const stays = await this.#act(life, socket, bytes, cut);
    if (stays) await ended;
    socket.destroy();
    if (!stays) return;
    const back = Buffer.concat(chunks);
    if (failure === "" && back.equals(bytes)) {
      this.whole++;
      return;
    }
    const undisturbed = count % 2 === 0 && count === this.#disruptions.count;
    // Cut short is one thing; somebody else's bytes are never right.
    if (undisturbed || !back.equals(bytes.subarray(0, back.length))) {
      const how = failure === "" ? "FIN" : failure;
      this.complaints.push(`client ${id} ${life}: ${how} after ${back.length} of ${bytes.length}`);
    } else this.excused++;
  }

  /** Does what it is there for; false when it has walked away. */
  async #act(life: string, socket: Socket, bytes: Buffer, cut: number): Promise<boolean> {
    switch (life) {
      case "talks":
        socket.write(bytes.subarray(0, cut));
        await this.#turns();
        socket.end(bytes.subarray(cut));
        return true;
      case "halfCloses":
        socket.end(bytes);
        return true;
      case "holds":
        socket.write(bytes.subarray(0, cut));
        await this.#hold();
        socket.end(bytes.subarray(cut));
        return true;
      case "stalls":
        socket.pause();
        socket.end(bytes);
        await this.#hold();
        socket.resume();
        return true;
      case "resets":
        socket.write(bytes);
        await this.#turns();
        socket.resetAndDestroy();
        return false;
      default:
        await this.#turns();
        socket.destroy();
        return false;
    }
  }

  #hold(): Promise<void> {
    return new Promise((resolve) => void this.#held.push(resolve));
  }

  /** Some turns of the loop: an order of events, no time. */
  async #turns(): Promise<void> {
    const turns = Math.floor(this.#random() * 8);
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}
