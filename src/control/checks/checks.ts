// Active checks: one checker for each server that has a check, kept over reloads as long as its
// check and its address stay. Added to openWatchers(); results go to server-states.ts.
import { isDeepStrictEqual } from "node:util";
import type { NamedAddress, SocketAddress } from "../../config/address.ts";
import type { CheckPlan } from "../../config/check-plan.ts";
import type { Plan } from "../../config/plan.ts";
import { ServerState } from "../../scoreboard/server-state.ts";
import type { Transition } from "../server-states.ts";
import type { ServerStatus } from "../server-status.ts";
import type { WatchContext, Watcher } from "../watchers.ts";
import { Checker } from "./checker.ts";
import { probeOf } from "./probes.ts";
import { TlsContexts, type TlsMaterialOf } from "./tls-contexts.ts";

/** Multiples of it, modulo 1, are spread evenly however many there are (Weyl's sequence). */
const goldenRatio = 0.618_033_988_749_895;
/** Trouble of our own is the same for all checks: it is told this often. */
const troubleMs = 60_000;

interface Entry {
  readonly checker: Checker;
  /** As the plan has it: what a name resolves to may change. */
  readonly address: SocketAddress | NamedAddress;
}

export interface ChecksContext extends Pick<WatchContext, "states" | "log" | "broadcast"> {
  /** Asked before each probe with TLS; without it those fail that need files. */
  readonly tlsMaterial?: TlsMaterialOf;
}

export class Checks implements Watcher {
  readonly #context: ChecksContext;
  readonly #contexts: TlsContexts;
  readonly #entries: Map<string, Entry>;
  /** Servers of the plan in force: who is not among them is new. */
  #servers: ReadonlySet<ServerStatus>;
  /** Checkers made so far. */
  #made: number;
  #troubleToldMs: number;
  #closed: boolean;

  constructor(context: ChecksContext) {
    this.#context = context;
    this.#contexts = new TlsContexts(context.tlsMaterial);
    this.#entries = new Map();
    this.#servers = new Set();
    this.#made = 0;
    this.#troubleToldMs = -Infinity;
    this.#closed = false;
    context.states.onTransition((transition) => this.#follow(transition));
  }

  /** Resolves when the checks that are no more have ended. */
  async apply(plan: Plan): Promise<void> {
    if (this.#closed) return;
    const { states } = this.#context;
    const before = new Map(this.#entries);
    this.#entries.clear();
    const gone: Promise<void>[] = [];
    for (const backend of plan.backends) {
      for (const { name } of backend.servers) {
        const key = `${backend.name}/${name}`;
        const server = states.server(key);
        if (server === undefined || server.plan.check === null) continue;
        const known = before.get(key);
        before.delete(key);
        this.#entries.set(key, this.#entryFor(server, server.plan.check, known, gone));
      }
    }
    this.#servers = new Set(states.servers.values());
    for (const { checker } of before.values()) gone.push(checker.close());
    await Promise.all(gone);
  }

  #entryFor(
    server: ServerStatus,
    check: CheckPlan,
    known: Entry | undefined,
    gone: Promise<void>[],
  ): Entry {
    const { address } = server.plan;
    const sameServer =
      known?.checker.server === server && isDeepStrictEqual(known.address, address);
    if (known !== undefined && sameServer && isDeepStrictEqual(known.checker.check, check)) {
      return known;
    }
    if (known !== undefined) gone.push(known.checker.close());
    const checker = this.#checkerFor(server, check);
    if (server.state !== ServerState.maint) {
      // A server that served without a check, or with another one, is not taken out for that.
      const kept = known === undefined ? this.#servers.has(server) : sameServer;
      if (kept) checker.take();
      else checker.start();
    } else checker.rest();
    return { checker, address };
  }

  #checkerFor(server: ServerStatus, check: CheckPlan): Checker {
    this.#made++;
    return new Checker({
      server,
      check,
      probe: probeOf(check, this.#contexts),
      states: this.#context.states,
      position: (this.#made * goldenRatio) % 1,
      random: Math.random,
      onTrouble: (_, text) => this.#tellTrouble(text),
    });
  }

  /** Servers in maintenance are not checked; sessions of one that went down end where it says so. */
  #follow({ server, from, to }: Transition): void {
    const { states, broadcast } = this.#context;
    if (to === ServerState.down && server.plan.shutdownSessions) {
      // Workers see that it is down before they end its sessions: none comes in between.
      states.flush();
      broadcast({ type: "shutdown", row: server.row });
    }
    const checker = this.#entries.get(server.key)?.checker;
    if (checker?.server !== server) return;
    if (to === ServerState.maint) checker.rest();
    else if (from === ServerState.maint) checker.start();
  }

  #tellTrouble(text: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#troubleToldMs < troubleMs) return;
    this.#troubleToldMs = nowMs;
    this.#context.log.error(
      `checks cannot look at servers: ${text}; until they can, servers stay in the state they are in`,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(Array.from(this.#entries.values(), ({ checker }) => checker.close()));
    this.#entries.clear();
  }
}
