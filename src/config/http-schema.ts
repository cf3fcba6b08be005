// The keys that http mode adds to a frontend, and those of them that `defaults` has too. schema.ts
// puts them into the whole.
import { z } from "zod";
import { builtin } from "./builtin.ts";
import { contentType, headerName, network, readHeaderName, size, textOf } from "./http-values.ts";
import type {
  ErrorPageConfig,
  HttpFrontendConfig,
  HttpSharedConfig,
  LimitsConfig,
  LogHeadersConfig,
} from "./http-config.ts";
import {
  bodyBytesMax,
  headBytesMax,
  headBytesMin,
  headerCountMax,
  uriBytesMin,
} from "./http-limits.ts";
import type { HttpFrontendPlan } from "./http-plan.ts";
import { hsts } from "./hsts-schema.ts";
import { key, map, oneOrMore } from "./keys.ts";
import { leaf } from "./leaf.ts";
import { accept, type Reading, reject, shown } from "./reading.ts";
import { request, response } from "./rewrite-schema.ts";
import { routes } from "./route-schema.ts";
import { count } from "./value-schemas.ts";

type Optional<T> = z.ZodOptional<z.ZodType<T>>;
type Keys<T> = { readonly [Name in keyof Required<T>]: Optional<NonNullable<T[Name]>> };

const forwardedFor: z.ZodType<HttpFrontendPlan["forwardedFor"]> = leaf(readForwardedFor, {
  title: "`true`, `false`, `rfc7239`",
  anyOf: [{ type: "boolean" }, { enum: ["on", "off", "rfc7239"] }],
  examples: [true],
});

function readForwardedFor(input: unknown): Reading<HttpFrontendPlan["forwardedFor"]> {
  if (input === true || input === "on") return accept("x-forwarded");
  if (input === false || input === "off") return accept("off");
  if (input === "rfc7239") return accept("rfc7239");
  const hint = "Write true for X-Forwarded-For, rfc7239 for Forwarded, or false.";
  return reject(`${shown(input)} is no way to tell of the client`, hint);
}

const requestId: z.ZodType<string> = leaf(readRequestId, {
  title: "`true`, `off`, or the name of a header",
  anyOf: [{ type: "boolean" }, { type: "string" }],
  examples: [true],
});

function readRequestId(input: unknown): Reading<string> {
  if (input === true || input === "on") return accept("x-request-id");
  if (input === false || input === "off") return accept("");
  return readHeaderName(input);
}

const pageText: z.ZodType<string> = leaf((input) => textOf(input, true), {
  title: "text",
  type: ["string", "number", "boolean"],
  examples: ["Please come back in a minute."],
});

const pageFile: z.ZodType<string> = leaf(readPageFile, {
  title: "file's path",
  type: "string",
  examples: ["errors/503.html"],
});

function readPageFile(input: unknown): Reading<string> {
  const text = textOf(input);
  if (text.ok && (text.value === "" || text.value.includes("\0"))) {
    return reject(`${shown(input)} is no path`, "Write a file's path.");
  }
  return text;
}

const errorPage: z.ZodType<ErrorPageConfig> = z
  .union([
    pageText.transform((body) => ({ body })),
    map(
      {
        body: key(pageText, "The page itself. Of this and `file` one is written."),
        file: key(
          pageFile,
          "The file that holds it, read when the configuration is. A path without a slash at its " +
            "beginning starts where the configuration file is.",
        ),
        contentType: key(
          contentType,
          "What it is. Default: of a file what its name says, else `text/plain`.",
        ),
      },
      { file: "errors/503.html" },
    ),
  ])
  .meta({ title: "text, or object", examples: [{ file: "errors/503.html" }] });

const { limits: preset } = builtin;

const limits: z.ZodType<LimitsConfig> = map(
  {
    headSize: key(
      size(headBytesMin, headBytesMax),
      "Request line and headers together; more is answered 431.",
      preset.headSize,
    ),
    headerCount: key(
      count(1, headerCountMax),
      "Headers of a request; more are answered 431.",
      preset.headerCount,
    ),
    uriLength: key(
      size(uriBytesMin, headBytesMax),
      "Path and query; a longer one is answered 414.",
      preset.uriLength,
    ),
    bodySize: key(
      size(0, bodyBytesMax),
      "A request's body; a larger one is answered 413. 0: no limit.",
      preset.bodySize,
    ),
  },
  { bodySize: "10MiB" },
);

const names = oneOrMore(headerName, "name of a header, or a list of them");

const logHeaders: z.ZodType<LogHeadersConfig> = map(
  { request: key(names, "Of the request."), response: key(names, "Of the response.") },
  { request: ["user-agent"] },
);

/** What `defaults` may say for frontends in http mode. */
export const httpShared: Keys<HttpSharedConfig> = {
  forwardedFor: key(
    forwardedFor,
    "How servers learn of the client: `true` for X-Forwarded-For, -Proto, -Host and -Port, `rfc7239` " +
      "for `Forwarded`.",
    builtin.forwardedFor,
  ),
  trustedProxies: key(
    oneOrMore(network, "address or network, or a list of them"),
    "Proxies before this one whose X-Forwarded-* or Forwarded are kept and believed. Default: none.",
  ),
  requestId: key(
    requestId,
    "Each request gets an id in this header, which logs show; `true` is `x-request-id`.",
    builtin.requestId,
  ),
  errors: key(
    z
      .record(z.string(), errorPage)
      .meta({ examples: [{ "503": { file: "errors/503.html" } }], minProperties: 1 }),
    "By status: what clients see instead of Ballast's own short pages.",
  ),
  limits: key(limits, "Limits of requests."),
  abortOnClose: key(
    z.boolean(),
    "A client that closes its side while it waits is gone: its request is aborted.",
    builtin.abortOnClose,
  ),
  logHeaders: key(logHeaders, "Headers that the access log shows. Default: none."),
};

/** What a frontend itself may say. */
export const httpFrontend: Keys<HttpFrontendConfig> = {
  routes: key(
    routes,
    "What becomes of a request, or in tcp mode of a session: the first that matches decides; when " +
      "none does, `backend`. In tcp mode a route has `name`, `match` (with `sni`, `alpn` and `source`) " +
      "and `backend`. Default: none.",
  ),
  request: key(request, "How requests are changed, before what their route says."),
  response: key(response, "How responses are changed, after what their route says."),
  hsts: key(
    hsts,
    "Responses over TLS tell browsers to use nothing else for this host from now on " +
      "(Strict-Transport-Security). `true`: with the defaults of its keys. Default: off.",
  ),
  ...httpShared,
};
