// What a configuration file says of http mode, after the schema has read it: the operator's own
// words, nothing inherited or defaulted yet. The schema files make it, resolve-http-*.ts and
// resolve-route.ts turn it into a plan.
import type { CookiePlan, HttpFrontendPlan, RetryCause, ReusePlan } from "./http-plan.ts";
import type { PathOperation, RequestRewrite, Template } from "./rewrite-plan.ts";
import type {
  BodyMatch,
  HostMatch,
  MatchPlan,
  PathMatch,
  RedirectPlan,
  ValueMatch,
} from "./route-plan.ts";
import type { HstsConfig } from "./tls-config.ts";

/** Weights by name. */
export type BackendWeights = Readonly<Record<string, number>>;

/** `false`: it must not be there. */
export type FieldValues = readonly ValueMatch[] | false;

export interface MatchConfig {
  readonly host?: readonly HostMatch[] | undefined;
  readonly path?: readonly PathMatch[] | undefined;
  readonly method?: readonly string[] | undefined;
  readonly header?: Readonly<Record<string, FieldValues>> | undefined;
  readonly query?: Readonly<Record<string, FieldValues>> | undefined;
  readonly cookie?: Readonly<Record<string, FieldValues>> | undefined;
  readonly source?: MatchPlan["source"] | undefined;
  readonly sni?: readonly string[] | undefined;
  readonly alpn?: readonly string[] | undefined;
  readonly body?: readonly BodyMatch[] | undefined;
  readonly maxBody?: number | undefined;
}

/** One of `to` and `scheme`: semantics has seen to it. */
export interface RedirectConfig {
  readonly to?: Template | undefined;
  readonly scheme?: "https" | undefined;
  readonly port?: number | undefined;
  readonly status?: RedirectPlan["status"] | undefined;
}

export interface RespondConfig {
  readonly status?: number | undefined;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, Template>> | undefined;
  readonly contentType?: string | undefined;
}

export interface HeadersConfig {
  readonly set?: Readonly<Record<string, Template>> | undefined;
  readonly add?: Readonly<Record<string, readonly Template[]>> | undefined;
  readonly remove?: readonly string[] | undefined;
}

export interface RequestConfig {
  readonly headers?: HeadersConfig | undefined;
  readonly path?: readonly PathOperation[] | undefined;
  readonly host?: RequestRewrite["host"] | undefined;
}

export interface ResponseConfig {
  readonly headers?: HeadersConfig | undefined;
}

/** One of `backend`, `redirect` and `respond`, in tcp mode `backend`: semantics has seen to it. */
export interface RouteConfig {
  readonly name?: string | undefined;
  readonly match?: MatchConfig | undefined;
  readonly backend?: BackendWeights | undefined;
  readonly redirect?: RedirectConfig | undefined;
  readonly respond?: RespondConfig | undefined;
  readonly request?: RequestConfig | undefined;
  readonly response?: ResponseConfig | undefined;
}

/** The text itself, or where it stands. */
export interface ErrorPageConfig {
  readonly body?: string | undefined;
  readonly file?: string | undefined;
  readonly contentType?: string | undefined;
}

export interface LimitsConfig {
  readonly headSize?: number | undefined;
  readonly headerCount?: number | undefined;
  readonly uriLength?: number | undefined;
  readonly bodySize?: number | undefined;
}

/** What a frontend may say of its requests and inherit from `defaults`. */
export interface HttpSharedConfig {
  readonly forwardedFor?: HttpFrontendPlan["forwardedFor"] | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  /** Empty: none. */
  readonly requestId?: string | undefined;
  readonly errors?: Readonly<Record<string, ErrorPageConfig>> | undefined;
  readonly limits?: LimitsConfig | undefined;
  readonly abortOnClose?: boolean | undefined;
  readonly logHeaders?: LogHeadersConfig | undefined;
}

export interface LogHeadersConfig {
  readonly request?: readonly string[] | undefined;
  readonly response?: readonly string[] | undefined;
}

export interface HttpFrontendConfig extends HttpSharedConfig {
  readonly routes?: readonly RouteConfig[] | undefined;
  readonly request?: RequestConfig | undefined;
  readonly response?: ResponseConfig | undefined;
  readonly hsts?: HstsConfig | boolean | undefined;
}

/** What a backend may inherit from `defaults`. */
export interface HttpServingConfig {
  readonly retry?: RetryConfig | undefined;
  readonly reuse?: ReuseConfig | undefined;
}

export interface HttpBackendConfig extends HttpServingConfig {
  readonly request?: RequestConfig | undefined;
  readonly response?: ResponseConfig | undefined;
  readonly cookie?: CookieConfig | undefined;
}

export interface RetryConfig {
  readonly on?: readonly RetryCause[] | undefined;
  readonly attempts?: number | undefined;
  readonly perTryTimeout?: number | undefined;
  readonly budget?: BudgetConfig | undefined;
  readonly maxBody?: number | undefined;
  readonly nonIdempotent?: boolean | undefined;
}

export interface BudgetConfig {
  readonly percent?: number | undefined;
  readonly min?: number | undefined;
}

export interface ReuseConfig {
  readonly mode?: ReusePlan["mode"] | undefined;
  readonly maxIdle?: number | undefined;
  readonly idleTimeout?: number | undefined;
  readonly maxRequests?: number | undefined;
  readonly maxAge?: number | undefined;
}

export interface CookieConfig {
  readonly name: string;
  readonly mode?: CookiePlan["mode"] | undefined;
  readonly indirect?: boolean | undefined;
  readonly nocache?: boolean | undefined;
  readonly postonly?: boolean | undefined;
  readonly preserve?: boolean | undefined;
  readonly httpOnly?: boolean | undefined;
  readonly secure?: boolean | undefined;
  readonly sameSite?: CookiePlan["sameSite"] | undefined;
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
  readonly maxIdle?: number | undefined;
  readonly maxLife?: number | undefined;
}
