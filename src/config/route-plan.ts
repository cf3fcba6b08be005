// The part of the plan that says which requests go where: routes, what they match, what they do.
// Plain data; it imports no library.
import type { RequestRewrite, ResponseRewrite, Template } from "./rewrite-plan.ts";

/** Who takes a request: one backend, or several by weight (all weights 0 to 256, not all 0). */
export interface BackendChoice {
  readonly backends: readonly { readonly name: string; readonly weight: number }[];
}

export interface RoutePlan {
  /** For logs and `explain`: the name given, or its place from 1. */
  readonly name: string;
  readonly match: MatchPlan;
  readonly action: RouteAction;
  readonly request: RequestRewrite;
  readonly response: ResponseRewrite;
}

export type RouteAction =
  | { readonly kind: "backend"; readonly choice: BackendChoice }
  | RedirectPlan
  | RespondPlan;

export interface RedirectPlan {
  readonly kind: "redirect";
  /** The Location; a template. */
  readonly to: Template;
  readonly status: 301 | 302 | 303 | 307 | 308;
}

export interface RespondPlan {
  readonly kind: "respond";
  readonly status: number;
  readonly headers: readonly { readonly name: string; readonly value: Template }[];
  /** UTF-8 text; may be empty. */
  readonly body: string;
  readonly contentType: string;
}

/** All that are not empty must hold; of each list one. Empty: nothing is asked. */
export interface MatchPlan {
  readonly host: readonly HostMatch[];
  readonly path: readonly PathMatch[];
  /** Upper case as sent. */
  readonly method: readonly string[];
  readonly header: readonly FieldMatch[];
  readonly query: readonly FieldMatch[];
  readonly cookie: readonly FieldMatch[];
  /** CIDR ranges or addresses. */
  readonly source: readonly string[];
  /** What the client asked for in TLS, as in TcpRoutePlan. Without TLS nothing matches. */
  readonly sni: readonly string[];
  /** Protocols of which the client offers one in TLS. Without TLS nothing matches. */
  readonly alpn: readonly string[];
  /** Whether the request came over TLS, to us or as a trusted proxy says; null: either. */
  readonly secure: boolean | null;
  readonly body: readonly BodyMatch[];
  /** Bytes of a body that are held back to look at; a longer one does not match. */
  readonly bodyBytes: number;
}

/** Lower case, without port. `suffix`: begins with a dot, `*.example.com` is `.example.com`. */
export interface HostMatch {
  readonly kind: "exact" | "suffix";
  readonly value: string;
}

/**
 * `exact`: `/a`; `prefix`: `/a/*` is `/a/`, and matches all below it and `/a` itself; `regex`: the
 * pattern without its `~`, see pattern.ts, found anywhere in the path. Always without query, and on
 * the path as sent but for what is only another way to write it: `%61` is `a`, `%2f` is `%2F`, `é` is
 * `%C3%A9`. A path that leads to another route when its `//`, `%2F`, `\` or `;x` are read as servers
 * may read them is refused, as is one with dot segments.
 */
export interface PathMatch {
  readonly kind: "exact" | "prefix" | "regex";
  readonly value: string;
}

/** A header, query parameter or cookie: one of the values, `*` for any; `absent`: must not be there. */
export interface FieldMatch {
  /** Of a header in lower case. */
  readonly name: string;
  readonly absent: boolean;
  readonly values: readonly ValueMatch[];
}

export interface ValueMatch {
  readonly kind: "any" | "exact" | "prefix" | "regex";
  readonly value: string;
}

/** `pointer`: a JSON pointer (RFC 6901) and the value there; `contains`: a part of the text. */
export type BodyMatch =
  | { readonly kind: "contains"; readonly text: string }
  | { readonly kind: "pointer"; readonly pointer: string; readonly values: readonly ValueMatch[] };
