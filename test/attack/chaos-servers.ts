// Servers of the chaos test: each echoes, counts its sessions itself, and can be killed and started
// again on the same port. More sessions at once than its maxconn is what it must never see.
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { atTestEnd } from "../support/leftovers.ts";

/**
 * The end of one session and the start of the next reach a server by different sockets, and its
 * loop may look at the newer first; the kernel, too, may deliver what two processors have sent in
 * another order. So what has ended is given some turns to be seen.
 */
const turnsOfGrace = 20;
const turnMs = 5;

export class LimitedServer {
  readonly name: string;
  readonly maxconn: number;
  address: string;
  /** Most sessions at once that it has seen. */
  most: number;
  /** Sessions so far. */
  served: number;
  readonly #open: Set<Socket>;
  #server: Server | null;

  constructor(name: string, maxconn: number) {
    this.name = name;
    this.maxconn = maxconn;
    this.address = "127.0.0.1:0";
    this.most = 0;
    this.served = 0;
    this.#open = new Set();
    this.#server = null;
    atTestEnd(() => this.kill());
  }

  get running(): boolean {
    return this.#server !== null;
  }

  get open(): number {
    return this.#open.size;
  }

  async start(): Promise<void> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
      this.#serve(socket),
    );
    const port = Number(this.address.split(":")[1]);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: "127.0.0.1", port, backlog: 1024 }, resolve);
    });
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#server = server;
  }

  /** Nobody is listened to any more, and all sessions are reset. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#open) socket.resetAndDestroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.served++;
    this.#open.add(socket);
    const left = (): void => void this.#open.delete(socket);
    socket.once("end", left);
    socket.once("close", left);
    socket.once("error", left);
    socket.pipe(socket);
    if (this.#open.size <= this.maxconn) this.most = Math.max(this.most, this.#open.size);
    else this.#recount(new Set(this.#open), turnsOfGrace);
  }

  /** Those who were there, less those who turn out to have left. */
  #recount(present: Set<Socket>, turns: number): void {
    for (const socket of present) if (!this.#open.has(socket)) present.delete(socket);
    if (present.size <= this.maxconn) return;
    if (turns === 0) this.most = Math.max(this.most, present.size);
    else setTimeout(() => this.#recount(present, turns - 1), turnMs);
  }
}
