// Which route takes a session in tcp mode: the first in the plan's order that fits the server name, the
// protocols and the address of its client. A frontend makes one for each plan, routing-session.ts asks.
// A name is looked up, so hundreds of routes for names cost a session what two do; routes that ask for
// no name are tried one by one. It answers names of backends: which of them there are now, the data
// plane knows.
import type { Random } from "../../balance/random.ts";
import type { SocketAddress } from "../../config/address.ts";
import type { FrontendPlan } from "../../config/plan.ts";
import type { Backend } from "../dispatch/backend.ts";
import { TcpRoute } from "./tcp-route.ts";

/** Of a client that offers no protocols, as far as anybody knows. */
export const noAlpn: readonly string[] = [];

type TcpFrontendPlan = Pick<FrontendPlan, "tcpRoutes" | "backend">;

export class TcpRouter {
  /** The TLS hello must be read: a route asks for what it says, or a backend is picked by it. */
  readonly wantsHello: boolean;
  /** All backends that it may lead to. */
  readonly backends: ReadonlySet<string>;
  /** In the plan's order. */
  readonly #routes: readonly TcpRoute[];
  /** Who takes what no route does; empty: nobody. */
  readonly #otherwise: string;
  /** Routes by the names they ask for, by what they want names to end with, and those that ask for none. */
  readonly #exact: Map<string, number[]>;
  readonly #suffixes: Map<string, number[]>;
  readonly #any: readonly number[];
  /** Of the suffixes. */
  readonly #longest: number;

  /** `backends`: those of the plan. */
  constructor(
    { tcpRoutes, backend }: TcpFrontendPlan,
    backends: ReadonlyMap<string, Backend>,
    random: Random,
  ) {
    this.#routes = tcpRoutes.map((route) => new TcpRoute(route, random));
    this.#otherwise = backend;
    this.#exact = new Map();
    this.#suffixes = new Map();
    const any: number[] = [];
    let longest = 0;
    for (const [i, { sni }] of tcpRoutes.entries()) {
      if (sni.length === 0) any.push(i);
      for (const name of sni) {
        if (name.startsWith("*")) {
          add(this.#suffixes, name.slice(1), i);
          longest = Math.max(longest, name.length - 1);
        } else add(this.#exact, name, i);
      }
    }
    this.#any = any;
    this.#longest = longest;
    const names = this.#routes.flatMap((route) => route.backends);
    if (backend !== "") names.push(backend);
    this.backends = new Set(names);
    let wantsHello = tcpRoutes.some(({ sni, alpn }) => sni.length + alpn.length > 0);
    for (const name of this.backends) {
      const known = backends.get(name);
      if (known === undefined) throw new Error(`plan without backend ${name}`);
      wantsHello ||= known.wantsSni;
    }
    this.wantsHello = wantsHello;
  }

  /**
   * The route that takes a client; null: none does. `sni`: in lower case, without a final dot; empty:
   * it names no server.
   */
  find(sni: string, alpn: readonly string[], client: SocketAddress): TcpRoute | null {
    let first = this.#firstOf(this.#any, this.#routes.length, alpn, client);
    if (sni !== "") {
      first = this.#firstOf(this.#exact.get(sni), first, alpn, client);
      let dot = this.#longest === 0 ? -1 : sni.lastIndexOf(".");
      // From the end, so that a name of a hundred labels costs no more than the wildcards do.
      while (dot > 0 && sni.length - dot <= this.#longest) {
        first = this.#firstOf(this.#suffixes.get(sni.slice(dot)), first, alpn, client);
        dot = sni.lastIndexOf(".", dot - 1);
      }
    }
    return this.#routes[first] ?? null;
  }

  /** A backend for what this route takes; empty: there is none. */
  backendOf(route: TcpRoute | null): string {
    return route === null ? this.#otherwise : route.draw();
  }

  /** The first of these routes that holds; `limit`: none of those before it. */
  #firstOf(
    routes: readonly number[] | undefined,
    limit: number,
    alpn: readonly string[],
    client: SocketAddress,
  ): number {
    if (routes === undefined) return limit;
    for (let at = 0; at < routes.length; at++) {
      const i = routes[at] as number;
      if (i >= limit) return limit;
      if ((this.#routes[i] as TcpRoute).holds(alpn, client)) return i;
    }
    return limit;
  }
}

function add(routes: Map<string, number[]>, key: string, route: number): void {
  const known = routes.get(key);
  if (known === undefined) routes.set(key, [route]);
  else if (known.at(-1) !== route) known.push(route);
}
