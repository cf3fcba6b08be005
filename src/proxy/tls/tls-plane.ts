// TLS of one worker: what its binds and servers share, made when the first of them needs it, and the
// contexts of its servers, kept over reloads as long as nothing of them has changed.
import type { ServerPlan } from "../../config/plan.ts";
import type { ServerTlsPlan } from "../../config/tls-plan.ts";
import type { Reactor } from "../../reactor/reactor.ts";
import { workerField } from "../../scoreboard/fields.ts";
import type { WorkerScoreboard } from "../../scoreboard/scoreboard.ts";
import { ClientContext } from "../../tls/client-context.ts";
import { TlsLayer } from "../../tls/tls-layer.ts";
import type { Assignment, ServerSecrets } from "../assignment.ts";

interface Equipped {
  readonly stamp: number;
  readonly context: ClientContext;
}

export class TlsPlane {
  readonly #reactor: Reactor;
  readonly #board: WorkerScoreboard;
  #layer: TlsLayer | null;
  #ticketKeys: readonly Uint8Array[];
  #handshakesMax: number;
  /** By the servers' keys. */
  #clients: Map<string, Equipped>;

  constructor(reactor: Reactor, board: WorkerScoreboard) {
    this.#reactor = reactor;
    this.#board = board;
    this.#layer = null;
    this.#ticketKeys = [];
    this.#handshakesMax = 0;
    this.#clients = new Map();
  }

  get layer(): TlsLayer {
    if (this.#layer === null) {
      const { workers } = this.#board;
      this.#layer = new TlsLayer(this.#reactor, this.#handshakesMax, (change) => {
        workers.gaugeAdd(0, workerField.tlsConnections, change);
      });
      this.#layer.calls.tickets.replace(this.#ticketKeys);
    }
    return this.#layer;
  }

  /** A new plan. Contexts of servers that it does not have are let go. */
  apply({ global, ticketKeys, backends }: Assignment): void {
    this.#handshakesMax = global.tls.maxHandshakes;
    if (this.#layer !== null) this.#layer.gate.most = this.#handshakesMax;
    this.useTicketKeys(ticketKeys);
    const wanted = new Set(
      backends.flatMap(({ servers }) => servers.map(({ secrets }) => secrets?.key)),
    );
    for (const [key, { context }] of this.#clients) {
      if (wanted.has(key)) continue;
      context.drop();
      this.#clients.delete(key);
    }
  }

  /** Newest first. */
  useTicketKeys(keys: readonly Uint8Array[]): void {
    this.#ticketKeys = keys;
    this.#layer?.calls.tickets.replace(keys);
  }

  /** How a server is spoken to: as before, if nothing has changed. */
  client(
    plan: ServerTlsPlan,
    address: ServerPlan["address"],
    secrets: ServerSecrets,
  ): ClientContext {
    const { key, stamp, material } = secrets;
    const known = this.#clients.get(key);
    if (known !== undefined && known.stamp === stamp) return known.context;
    const host = address.family === "unix" ? "localhost" : address.host;
    const context = new ClientContext(plan, material, host);
    known?.context.drop();
    this.#clients.set(key, { stamp, context });
    return context;
  }
}
