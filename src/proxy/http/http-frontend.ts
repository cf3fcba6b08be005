// What a frontend in http mode decides, compiled when a plan is taken: its routes, its error pages, its
// limits. Built anew for every plan; exchanges of an older one keep the older objects.
import type { Random } from "../../balance/random.ts";
import type { SocketAddress } from "../../config/address.ts";
import type { HttpFrontendPlan, HttpFrontendTimeouts, HttpLimits } from "../../config/http-plan.ts";
import type { Backend } from "../dispatch/backend.ts";
import { ErrorAnswers } from "./rewriting/error-answers.ts";
import { redirectAnswer, respondAnswer, type LocalAnswer } from "./rewriting/local-answer.ts";
import { compileRequestId, type RequestIdField } from "./rewriting/request-ids.ts";
import { TrustedProxies } from "./rewriting/trusted-proxies.ts";
import { Route } from "./route.ts";
import { Router } from "./routing/router.ts";

export class HttpFrontend {
  readonly limits: HttpLimits;
  readonly timeout: HttpFrontendTimeouts;
  readonly abortOnClose: boolean;
  readonly forwardedFor: HttpFrontendPlan["forwardedFor"];
  readonly errors: ErrorAnswers;
  readonly router: Router;
  /** In the router's order. */
  readonly routes: readonly Route[];
  /** When none of them holds. */
  readonly otherwise: Route;
  readonly trusted: TrustedProxies;
  /** Null: requests get no ids. */
  readonly requestId: RequestIdField | null;
  /** Header fields that the log shows. */
  readonly logRequestHeaders: readonly string[];
  readonly logResponseHeaders: readonly string[];

  constructor(plan: HttpFrontendPlan, backends: ReadonlyMap<string, Backend>, random: Random) {
    this.limits = plan.limits;
    this.timeout = plan.timeout;
    this.abortOnClose = plan.abortOnClose;
    this.forwardedFor = plan.forwardedFor;
    this.errors = new ErrorAnswers(plan.errors, plan.hsts);
    this.router = new Router(plan.routes, plan.requestId);
    const way = { frontend: plan, backends, random };
    this.routes = plan.routes.map((route) => {
      const { action } = route;
      if (action.kind === "backend") return new Route(route, null, action.choice, way);
      const answer =
        action.kind === "redirect"
          ? redirectAnswer(action, plan.hsts)
          : respondAnswer(action, plan.hsts);
      return new Route(route, answer, null, way);
    });
    const missing: LocalAnswer | null = plan.otherwise === null ? this.errors.of(404) : null;
    this.otherwise = new Route(null, missing, plan.otherwise, way);
    this.trusted = new TrustedProxies(plan.trustedProxies);
    this.requestId = compileRequestId(plan.requestId);
    this.logRequestHeaders = plan.logRequestHeaders;
    this.logResponseHeaders = plan.logResponseHeaders;
  }

  /** A client that is connected from there is a proxy whose word counts. */
  trusts(client: SocketAddress): boolean {
    return this.trusted.trusts(client);
  }
}
