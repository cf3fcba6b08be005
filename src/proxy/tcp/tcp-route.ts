// One route of a frontend in tcp mode as a worker uses it. tcp-router.ts asks it when the server name
// fits already; what is left is asked here: the protocols, the client's address. It never throws for
// what a client says, and keeps nothing of it.
import type { Random } from "../../balance/random.ts";
import type { SocketAddress } from "../../config/address.ts";
import type { TcpRoutePlan } from "../../config/tcp-route-plan.ts";
import { RequestHead } from "../../http/request-head.ts";
import { BackendSplit } from "../http/routing/backend-split.ts";
import { RequestView } from "../http/routing/request-view.ts";
import { SourceCondition } from "../http/routing/source-condition.ts";

/** What conditions on addresses look at. Of a request there is none: the view reads the address alone. */
const noRequest = new RequestHead();
const view = new RequestView(noRequest, { family: "unix", path: "" });

export class TcpRoute {
  readonly name: string;
  /** The backends that it may lead to, in the plan's order. */
  readonly backends: readonly string[];
  readonly #alpn: readonly string[];
  /** Null: the address does not matter. */
  readonly #source: SourceCondition | null;
  readonly #split: BackendSplit;

  constructor({ name, alpn, source, backend }: TcpRoutePlan, random: Random) {
    this.name = name;
    this.#alpn = alpn;
    this.#source = source.length > 0 ? new SourceCondition(source) : null;
    this.#split = new BackendSplit(backend, random);
    this.backends = this.#split.names;
  }

  /** Whether it takes a client that offers these protocols, the server name aside. */
  holds(alpn: readonly string[], client: SocketAddress): boolean {
    if (this.#alpn.length > 0 && !this.#offered(alpn)) return false;
    if (this.#source === null) return true;
    view.begin(noRequest, client, 0);
    return this.#source.holds(view);
  }

  #offered(alpn: readonly string[]): boolean {
    for (let i = 0; i < alpn.length; i++) if (this.#alpn.includes(alpn[i] as string)) return true;
    return false;
  }

  /** One of its backends, by their weights. */
  draw(): string {
    return this.backends[this.#split.draw()] as string;
  }
}
