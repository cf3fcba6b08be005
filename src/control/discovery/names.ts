// All names of a plan's servers, each asked once however many servers have it. The supervisor
// prepares them before any worker hears of a plan; discovery.ts keeps them true while it is in
// force. A failed question changes no address: the last good answer stays.
import { isDeepStrictEqual } from "node:util";
import type { SocketAddress } from "../../config/address.ts";
import type { Plan, ResolvePlan } from "../../config/plan.ts";
import { serverKey } from "../../scoreboard/rows.ts";
import type { Log } from "../log.ts";
import { ResolveFailure, withPort } from "./answer.ts";
import { Name } from "./name.ts";
import { type NameResolver, openResolver } from "./resolver.ts";

/** Servers named in one log line. */
const toldMax = 5;

/** Addresses by `backend/server`; null for names that do not resolve. */
export type Resolution = ReadonlyMap<string, SocketAddress | null>;

/** The names of one plan, and how they are asked for. */
interface Generation {
  readonly plan: ResolvePlan;
  readonly resolver: NameResolver;
  /** By host. */
  readonly names: ReadonlyMap<string, Name>;
  /** Servers by host. */
  readonly servers: ReadonlyMap<string, readonly string[]>;
}

export class Names {
  /** Called when a name in force has another address, and for every name when a plan comes into force. */
  onAddress: (name: Name) => void;
  readonly #log: Log;
  #inForce: Generation | null;
  #prepared: Generation | null;
  #closed: boolean;

  constructor(log: Log) {
    this.onAddress = () => {};
    this.#log = log;
    this.#inForce = null;
    this.#prepared = null;
    this.#closed = false;
  }

  /**
   * Asks for the names of a plan that have no answer yet; never rejects. Until keep() the plan
   * before stays in force: this one may still be refused.
   */
  async prepare(plan: Plan): Promise<void> {
    const { resolve } = plan.global;
    const before = this.#inForce;
    const same = before !== null && isDeepStrictEqual(before.plan, resolve);
    const resolver = same ? before.resolver : openResolver(resolve);
    const servers = serversByHost(plan);
    const names = new Map<string, Name>();
    for (const host of servers.keys()) {
      const known = before?.names.get(host);
      const kept = same && known !== undefined && known.address !== null;
      names.set(host, kept ? known : new Name(host, known?.address ?? null));
    }
    const generation: Generation = { plan: resolve, resolver, names, servers };
    this.#prepared = generation;
    const unknown = [...names.values()].filter(({ dueMs }) => dueMs === -Infinity);
    await Promise.all(unknown.map((name) => this.#ask(name, generation)));
  }

  /** What is known of the plan prepared last, at this moment. */
  resolution(plan: Plan): Resolution {
    const resolution = new Map<string, SocketAddress | null>();
    for (const { name: backend, servers } of plan.backends) {
      for (const { name, address } of servers) {
        const key = serverKey(backend, name);
        if (address.family !== "name") {
          resolution.set(key, address);
          continue;
        }
        const found = this.#prepared?.names.get(address.host)?.address ?? null;
        resolution.set(key, found === null ? null : withPort(found, address.port));
      }
    }
    return resolution;
  }

  /** The plan prepared last is in force: from now on its names are asked for again and again. */
  keep(): void {
    const next = this.#prepared;
    if (next === null || this.#closed) return;
    this.#forget(next);
    this.#inForce = next;
    for (const name of next.names.values()) {
      this.onAddress(name);
      this.#schedule(name);
    }
  }

  close(): void {
    this.#closed = true;
    this.#forget(null);
    this.#prepared?.resolver.close();
  }

  /** Stops asking for what the next plan does not name. */
  #forget(next: Generation | null): void {
    if (this.#inForce === null) return;
    for (const name of this.#inForce.names.values()) {
      if (next?.names.get(name.host) === name) continue;
      clearTimeout(name.timer);
      name.timer = undefined;
    }
    if (next?.resolver !== this.#inForce.resolver) this.#inForce.resolver.close();
  }

  /** A timer that runs already is right: it was set after the last answer. */
  #schedule(name: Name): void {
    if (this.#closed || name.timer !== undefined || !this.#current(name)) return;
    const waitMs = Math.max(0, name.dueMs - performance.now());
    name.timer = setTimeout(() => void this.#askAgain(name), waitMs).unref();
  }

  async #askAgain(name: Name): Promise<void> {
    if (this.#inForce !== null) await this.#ask(name, this.#inForce);
    name.timer = undefined;
    this.#schedule(name);
  }

  #ask(name: Name, generation: Generation): Promise<void> {
    name.asking ??= this.#askOnce(name, generation).finally(() => {
      name.asking = null;
    });
    return name.asking;
  }

  async #askOnce(name: Name, generation: Generation): Promise<void> {
    const { plan, resolver } = generation;
    const before = name.problem;
    try {
      const answer = await resolver.ask(name.host);
      if (this.#closed) return;
      const known = name.address !== null;
      const changed = name.learn(answer, plan, performance.now());
      if (before !== "" && known) {
        this.#log.info({ name: name.host }, `${name.host} resolves again`);
      }
      if (changed && this.#current(name)) this.onAddress(name);
    } catch (error) {
      if (this.#closed) return;
      const { message } = ResolveFailure.of(error);
      if (name.fail(message, plan, performance.now())) this.#complain(name, generation);
    }
  }

  /** False for one that only a plan has that is not in force, or not any more. */
  #current(name: Name): boolean {
    return this.#inForce?.names.get(name.host) === name;
  }

  #complain(name: Name, asked: Generation): void {
    const { host, address, problem } = name;
    // A reload may have come while the question was under way.
    const { servers } = this.#current(name) ? (this.#inForce as Generation) : asked;
    const whose = servers.get(host) ?? [];
    const more = whose.length > toldMax ? ` and ${whose.length - toldMax} more` : "";
    const list = whose.slice(0, toldMax).join(", ") + more;
    const then =
      address === null
        ? `down until it does: ${list}`
        : `its servers stay at ${address.host}, the last answer: ${list}`;
    this.#log.warn({ name: host }, `${host} does not resolve (${problem}); ${then}`);
  }
}

function serversByHost(plan: Plan): Map<string, string[]> {
  const servers = new Map<string, string[]>();
  for (const backend of plan.backends) {
    for (const { name, address } of backend.servers) {
      if (address.family !== "name") continue;
      const list = servers.get(address.host) ?? [];
      list.push(serverKey(backend.name, name));
      servers.set(address.host, list);
    }
  }
  return servers;
}
