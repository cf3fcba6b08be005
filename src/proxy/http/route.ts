// A route as a worker uses it: an answer of our own, or a choice of backends, and the rewrites on the way
// there and back. Made when a plan is taken.
import type { Random } from "../../balance/random.ts";
import type { HttpFrontendPlan } from "../../config/http-plan.ts";
import type { BackendChoice, RoutePlan } from "../../config/route-plan.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { ResponseHead } from "../../http/response-head.ts";
import type { Backend, Server } from "../dispatch/backend.ts";
import { compileForwarding, type Forwarding } from "./rewriting/forwarding.ts";
import type { LocalAnswer } from "./rewriting/local-answer.ts";
import {
  compileRequestRewriter,
  type RequestRewriter,
  setHost,
} from "./rewriting/request-rewriter.ts";
import { compileResponseRewriter, type ResponseRewriter } from "./rewriting/response-rewriter.ts";
import { compileStrictTransport, type StrictTransport } from "./rewriting/strict-transport.ts";
import { BackendSplit } from "./routing/backend-split.ts";
import type { RewriteContext } from "./rewriting/rewrite-context.ts";

/** The rewrites of one way: a frontend, a route, a backend. */
interface Way {
  readonly backend: Backend;
  readonly request: RequestRewriter | null;
  readonly response: ResponseRewriter | null;
}

type RoutePart = Pick<RoutePlan, "request" | "response">;

/** What all routes of a frontend are made with. */
export interface RouteContext {
  readonly frontend: HttpFrontendPlan;
  readonly backends: ReadonlyMap<string, Backend>;
  readonly random: Random;
}

export class Route {
  readonly name: string;
  /** Null: a backend has it. */
  readonly answer: LocalAnswer | null;
  /** Who may take its requests, in the plan's order. */
  readonly backends: readonly Backend[];
  readonly #split: BackendSplit | null;
  readonly #frontend: HttpFrontendPlan;
  readonly #route: RoutePart | null;
  readonly #forwarding: Forwarding | null;
  /** Null: the frontend has no `hsts`. */
  readonly #hsts: StrictTransport | null;
  /** By backend; one that takes over for another may be none of ours, so they are found as they come. */
  readonly #ways: Way[];

  /** `route` null: none of those in the plan, the frontend's own backend. */
  constructor(
    route: RoutePlan | null,
    answer: LocalAnswer | null,
    choice: BackendChoice | null,
    { frontend, backends, random }: RouteContext,
  ) {
    this.name = route === null ? "" : route.name;
    this.answer = answer;
    this.#split = choice === null ? null : new BackendSplit(choice, random);
    this.backends = (this.#split?.names ?? []).map((name) => {
      const backend = backends.get(name);
      if (backend === undefined) throw new Error(`plan without backend ${name}`);
      return backend;
    });
    this.#frontend = frontend;
    this.#route = route;
    this.#forwarding = compileForwarding(frontend.forwardedFor);
    this.#hsts = compileStrictTransport(frontend.hsts);
    this.#ways = this.backends.map((backend) => this.#way(backend));
  }

  /** One of its backends, by their weights. */
  draw(): Backend {
    return this.backends[(this.#split as BackendSplit).draw()] as Backend;
  }

  rewriteRequest(head: RequestHead, context: RewriteContext, backend: Backend, to: Server): void {
    this.#forwarding?.apply(head, context);
    const { request } = this.#wayTo(backend);
    if (request === null) return;
    request.apply(head, context);
    if (request.hostOfServer) setHost(head, to.hostBytes, 0, to.hostBytes.length);
  }

  rewriteResponse(head: ResponseHead, context: RewriteContext, backend: Backend): void {
    this.#wayTo(backend).response?.apply(head, context);
    this.#hsts?.apply(head, context);
  }

  /** What the response's rewrites need of the request. */
  responseNeedsRequest(backend: Backend): boolean {
    return this.#wayTo(backend).response?.needsRequest === true;
  }

  #wayTo(backend: Backend): Way {
    for (const way of this.#ways) if (way.backend === backend) return way;
    const way = this.#way(backend);
    this.#ways.push(way);
    return way;
  }

  #way(backend: Backend): Way {
    const between: readonly RoutePart[] = this.#route === null ? [] : [this.#route];
    const parts = [this.#frontend, ...between, backend.http];
    return {
      backend,
      request: compileRequestRewriter(parts.map(({ request }) => request)),
      response: compileResponseRewriter(parts.toReversed().map(({ response }) => response)),
    };
  }
}
