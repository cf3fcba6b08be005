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
export interface Way {
  readonly backend: Backend;
  readonly request: RequestRewriter | null;
  readonly response: ResponseRewriter | null;
  /** What becomes of a head depends on nothing but that head and its client's connection. */
  readonly repeatsRequests: boolean;
  /** The same of responses. */
  readonly repeatsResponses: boolean;
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

  rewriteRequest(head: RequestHead, context: RewriteContext, { request }: Way, to: Server): void {
    this.#forwarding?.apply(head, context);
    if (request === null) return;
    request.apply(head, context);
    if (request.hostOfServer) setHost(head, to.hostBytes, 0, to.hostBytes.length);
  }

  rewriteResponse(head: ResponseHead, context: RewriteContext, { response }: Way): void {
    response?.apply(head, context);
    this.#hsts?.apply(head, context);
  }

  wayTo(backend: Backend): Way {
    const ways = this.#ways;
    for (let i = 0; i < ways.length; i++) {
      const way = ways[i] as Way;
      if (way.backend === backend) return way;
    }
    const way = this.#way(backend);
    this.#ways.push(way);
    return way;
  }

  #way(backend: Backend): Way {
    const between: readonly RoutePart[] = this.#route === null ? [] : [this.#route];
    const parts = [this.#frontend, ...between, backend.http];
    const request = compileRequestRewriter(parts.map((each) => each.request));
    const response = compileResponseRewriter(parts.toReversed().map((each) => each.response));
    const { requestId, logResponseHeaders } = this.#frontend;
    const edited = backend.persistence !== null;
    return {
      backend,
      request,
      response,
      repeatsRequests: !edited && requestId === "" && (request === null || request.fixed),
      repeatsResponses:
        !edited && logResponseHeaders.length === 0 && (response === null || response.fixed),
    };
  }
}
