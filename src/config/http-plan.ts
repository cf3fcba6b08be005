// The part of the plan that http mode adds: routes, rewrites, limits, persistence, retries, reuse of
// server connections. Plain data like plan.ts, which includes it; it imports no library.
import type { RequestRewrite, ResponseRewrite } from "./rewrite-plan.ts";
import type { BackendChoice, RoutePlan } from "./route-plan.ts";

/** What a frontend in http mode decides for each request. */
export interface HttpFrontendPlan {
  /** First match wins. */
  readonly routes: readonly RoutePlan[];
  /** When no route matched; null: 404. */
  readonly otherwise: BackendChoice | null;
  readonly request: RequestRewrite;
  readonly response: ResponseRewrite;
  /** How servers learn of the client: not at all, X-Forwarded-*, or RFC 7239 `Forwarded`. */
  readonly forwardedFor: "off" | "x-forwarded" | "rfc7239";
  /** CIDR ranges of proxies whose X-Forwarded-* or Forwarded are kept and believed. */
  readonly trustedProxies: readonly string[];
  /** Name of the header that carries a request's id, in lower case; empty: no ids. */
  readonly requestId: string;
  /**
   * Strict-Transport-Security of all responses, our own too, to what came over TLS, to us or as a
   * trusted proxy says (RFC 6797 section 7.2: of no others); empty: none.
   */
  readonly hsts: string;
  readonly errors: readonly ErrorPage[];
  readonly limits: HttpLimits;
  readonly timeout: HttpFrontendTimeouts;
  /** A client that closes its side while it waits is gone: its request is aborted. */
  readonly abortOnClose: boolean;
  /** Header fields (lower case) that the access log shows. */
  readonly logRequestHeaders: readonly string[];
  readonly logResponseHeaders: readonly string[];
}

export interface HttpLimits {
  /** Bytes of request line and header fields together; more: 431. */
  readonly headBytes: number;
  /** Header fields; more: 431. */
  readonly headerCount: number;
  /** Bytes of the request target; more: 414. */
  readonly uriBytes: number;
  /** Bytes of a request body; more: 413. 0: no limit. */
  readonly bodyBytes: number;
}

/** Milliseconds; 0 switches a limit off. */
export interface HttpFrontendTimeouts {
  /** A whole request head, from its first byte (of the first request: from the accept). */
  readonly httpRequestMs: number;
  /** Idle between two requests. */
  readonly httpKeepAliveMs: number;
}

/** What a client sees instead of our own short page. */
export interface ErrorPage {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

/** What a backend in http mode adds. */
export interface HttpBackendPlan {
  readonly request: RequestRewrite;
  readonly response: ResponseRewrite;
  /** Null: no cookie. */
  readonly cookie: CookiePlan | null;
  readonly retry: RetryPlan;
  readonly reuse: ReusePlan;
}

/** Why an exchange may be tried again. Numbers are statuses. */
export type RetryCause =
  | "connFailure"
  | "emptyResponse"
  | "junkResponse"
  | "responseTimeout"
  | 401
  | 403
  | 404
  | 408
  | 421
  | 425
  | 429
  | 500
  | 501
  | 502
  | 503
  | 504;

export interface RetryPlan {
  readonly on: readonly RetryCause[];
  /** After the first one, whatever the cause. */
  readonly attempts: number;
  /** For the response's head, of each attempt; 0: `timeout.server` alone. */
  readonly perTryTimeoutMs: number;
  /** Retries at most, in percent of the exchanges of the last ten seconds; 0: no budget. */
  readonly budgetPercent: number;
  /** Retries a second that the budget always admits. */
  readonly budgetMin: number;
  /** Bytes of a request body that are kept to be sent again; a longer one is sent once. */
  readonly bodyBytes: number;
  /** Also requests that are not idempotent (RFC 9110 section 9.2.2) and may have been processed. */
  readonly nonIdempotent: boolean;
}

export interface ReusePlan {
  /**
   * `never`: a server connection for each request; `safe`: the first request of a client connection
   * takes an idle one only if it could be sent again; `always`: every request takes an idle one.
   */
  readonly mode: "always" | "safe" | "never";
  /** Idle connections kept to each server, by each worker. */
  readonly idleMax: number;
  /** An idle one is closed after this time. */
  readonly idleTimeoutMs: number;
  /** Requests over one connection; 0: no limit. */
  readonly requestsMax: number;
  /** Age of one connection; 0: no limit. */
  readonly ageMaxMs: number;
}

/** HAProxy's `cookie`: the server is named in a cookie of the client. */
export interface CookiePlan {
  readonly name: string;
  /**
   * `insert`: ours; `rewrite`: the server sets it and we write the value; `prefix`: the server's
   * own cookie gets the server's name in front; `passive`: the server does all, we only look.
   */
  readonly mode: "insert" | "rewrite" | "prefix" | "passive";
  /** The server does not see it, and it is not sent again to who has it. */
  readonly indirect: boolean;
  /** Responses that set it are marked so that no cache keeps it. */
  readonly nocache: boolean;
  /** Only in answers to POST. */
  readonly postonly: boolean;
  /** A cookie of that name that the server sets itself stays. */
  readonly preserve: boolean;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  /** Null: not said. */
  readonly sameSite: "Strict" | "Lax" | "None" | null;
  readonly domain: string;
  readonly path: string;
  /** Since it was last seen, and since it was first given; 0: no limit. */
  readonly maxIdleMs: number;
  readonly maxLifeMs: number;
  /** By server name: the value that stands for it. Never an address. */
  readonly values: Readonly<Record<string, string>>;
}
