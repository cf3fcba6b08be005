// Asks for the addresses of one name: the name servers of the configuration, or the system. It
// keeps nothing of what it hears; when to ask, and what to make of an answer, is names.ts's.
import { lookup, Resolver } from "node:dns/promises";
import type { ResolvePlan } from "../../config/plan.ts";
import { ResolveFailure, type Answer, type Family, type HostAddress } from "./answer.ts";
import { within } from "./limit.ts";

/** The system does not tell how long its answer holds; a name server may, if it is quick. */
const ttlWaitMs = 500;

export interface NameResolver {
  /**
   * Rejects with a ResolveFailure when nobody answers within the plan's time limit, or the answer
   * is that there is nothing.
   */
  ask(host: string): Promise<Answer>;
  /** Gives up what is under way. */
  close(): void;
}

export function openResolver(plan: ResolvePlan): NameResolver {
  const servers = new NameServers(plan);
  const system = new System(servers, plan);
  if (plan.nameservers.length === 0) return system;
  return {
    ask: (host) => (isLocalhost(host) ? system : servers).ask(host),
    close: () => servers.close(),
  };
}

/** RFC 6761, 6.3: nobody asks a name server for it. */
function isLocalhost(host: string): boolean {
  return /(^|\.)localhost\.?$/i.test(host);
}

/** Name servers, asked directly: those given, else those of the system. */
class NameServers implements NameResolver {
  readonly #resolver: Resolver;
  readonly #timeoutMs: number;

  constructor({ nameservers, timeoutMs }: ResolvePlan) {
    // The second try waits twice as long: together the whole time limit.
    this.#resolver = new Resolver({ timeout: Math.ceil(timeoutMs / 3), tries: 2 });
    this.#timeoutMs = timeoutMs;
    if (nameservers.length > 0) this.#resolver.setServers(nameservers);
  }

  async ask(host: string): Promise<Answer> {
    const [v4, v6] = await Promise.allSettled([
      within(this.#resolver.resolve4(host, { ttl: true }), this.#timeoutMs),
      within(this.#resolver.resolve6(host, { ttl: true }), this.#timeoutMs),
    ]);
    const addresses: HostAddress[] = [];
    let ttlMs = Infinity;
    for (const [family, settled] of [["ipv4", v4] as const, ["ipv6", v6] as const]) {
      for (const { address, ttl } of settled.status === "fulfilled" ? settled.value : []) {
        addresses.push({ family, host: address });
        ttlMs = Math.min(ttlMs, ttl * 1000);
      }
    }
    const failures = [v4, v6].map((settled) =>
      settled.status === "rejected" ? ResolveFailure.of(settled.reason) : null,
    );
    if (addresses.length > 0) return { addresses, ttlMs, missing: missing(failures) };
    const [first, second] = failures;
    throw (
      (first?.final === false ? first : (second ?? first)) ??
      new ResolveFailure("the name has no address", true)
    );
  }

  close(): void {
    this.#resolver.cancel();
  }
}

/** The family that nobody answered for; that there are no addresses of it is an answer. */
function missing([v4, v6]: readonly (ResolveFailure | null | undefined)[]): Family | null {
  if (v4?.final === false) return "ipv4";
  return v6?.final === false ? "ipv6" : null;
}

const nothing = Promise.resolve(null);

/** What every other program on this machine would find: /etc/hosts, search domains, and the rest. */
class System implements NameResolver {
  readonly #servers: NameServers;
  readonly #timeoutMs: number;
  /** getaddrinfo(3) cannot be given up: a name whose last lookup still runs gets no second one. */
  readonly #running: Map<string, Promise<readonly HostAddress[]>>;

  constructor(servers: NameServers, { timeoutMs }: ResolvePlan) {
    this.#timeoutMs = timeoutMs;
    this.#servers = servers;
    this.#running = new Map();
  }

  async ask(host: string): Promise<Answer> {
    const direct = isLocalhost(host) ? nothing : this.#servers.ask(host).catch(() => null);
    const addresses = await within(this.#lookup(host), this.#timeoutMs);
    const said = await within(direct, ttlWaitMs).catch(() => null);
    // A name server that knows other addresses (/etc/hosts wins) says nothing about these.
    const known = said?.addresses.some((one) => addresses.some(({ host: ip }) => ip === one.host));
    return { addresses, ttlMs: known === true ? (said?.ttlMs ?? null) : null, missing: null };
  }

  #lookup(host: string): Promise<readonly HostAddress[]> {
    const running = this.#running.get(host);
    if (running !== undefined) return running;
    const found = lookupAll(host).finally(() => this.#running.delete(host));
    this.#running.set(host, found);
    return found;
  }

  close(): void {
    this.#servers.close();
  }
}

async function lookupAll(host: string): Promise<readonly HostAddress[]> {
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address, family }) => ({
      family: family === 6 ? "ipv6" : "ipv4",
      host: address,
    }));
  } catch (error) {
    throw ResolveFailure.of(error);
  }
}
