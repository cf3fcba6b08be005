// The part of the plan that says how requests and responses are changed on their way. Plain data; it
// imports no library.

/** Text with variables in it, cut when the plan is built: texts and variables take turns. */
export type Template = readonly TemplatePart[];
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly variable: Variable; readonly argument: string };

/**
 * What a template may name in braces. `header:NAME`, `query:NAME` and `cookie:NAME` have an
 * argument; the others none.
 */
export const variables = [
  "client.ip",
  "client.port",
  "client.address",
  "bind.port",
  "method",
  "scheme",
  "host",
  "port",
  "path",
  "query",
  "uri",
  "request.id",
  "frontend",
  "backend",
  "server",
  "status",
  "tls.version",
  "tls.cipher",
  "tls.sni",
  "tls.alpn",
  "tls.resumed",
  "tls.client.subject",
  "header",
  "query-parameter",
  "cookie",
] as const;
export type Variable = (typeof variables)[number];

/**
 * Fields that say how a message is framed and what a connection is used for (RFC 9110 section 7.6.1,
 * RFC 9112 section 6), in lower case. No rewrite may name them, or requests could be smuggled: the
 * data plane leaves such an operation out.
 */
export const reservedHeaders: readonly string[] = [
  "connection",
  "content-length",
  "expect",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

export interface HeaderOperations {
  /** Replaces all of that name. */
  readonly set: readonly { readonly name: string; readonly value: Template }[];
  /** One more of that name. */
  readonly add: readonly { readonly name: string; readonly value: Template }[];
  /** Lower case; `x-internal-*` for all that begin so. */
  readonly remove: readonly string[];
}

export interface RequestRewrite {
  readonly headers: HeaderOperations;
  /** What becomes of the path, in order. */
  readonly path: readonly PathOperation[];
  /** Null: as sent; `server`: the server's own host and port; else a template. */
  readonly host: Template | "server" | null;
}

export type PathOperation =
  | { readonly kind: "stripPrefix"; readonly prefix: string }
  | { readonly kind: "addPrefix"; readonly prefix: string }
  | { readonly kind: "replacePrefix"; readonly prefix: string; readonly with: string }
  | { readonly kind: "replace"; readonly pattern: string; readonly with: string }
  | { readonly kind: "set"; readonly to: Template };

export interface ResponseRewrite {
  readonly headers: HeaderOperations;
}
