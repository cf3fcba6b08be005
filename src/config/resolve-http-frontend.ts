// What a frontend in http mode decides for each request: what it says itself over `defaults` over the
// built-in defaults. resolve.ts calls it; it finds no mistakes.
import { extname } from "node:path";
import { builtin, hstsAgeMaxMs } from "./builtin.ts";
import type { DefaultsConfig, FrontendConfig } from "./config.ts";
import type { ErrorPageConfig, LimitsConfig } from "./http-config.ts";
import { bodyBytesMax, headBytesMax } from "./http-limits.ts";
import type { ErrorPage, HttpFrontendPlan, HttpLimits } from "./http-plan.ts";
import { builtinMs, builtinValue, given } from "./inherited.ts";
import type { PageFiles } from "./page-files.ts";
import { parseSize } from "./quantities.ts";
import { resolveRequest, resolveResponse } from "./resolve-rewrite.ts";
import { resolveChoice, resolveRoute } from "./resolve-route.ts";
import type { HstsConfig } from "./tls-config.ts";

export function resolveHttpFrontend(
  frontend: FrontendConfig,
  defaults: DefaultsConfig,
  files: PageFiles,
): HttpFrontendPlan {
  const shared = { ...given(defaults), ...given(frontend) };
  const timeout = { ...given(defaults.timeout), ...given(frontend.timeout) };
  const logged = { ...given(defaults.logHeaders), ...given(frontend.logHeaders) };
  return {
    routes: (frontend.routes ?? []).map((route, i) => resolveRoute(route, i + 1)),
    otherwise: frontend.backend ? resolveChoice(frontend.backend) : null,
    request: resolveRequest(frontend.request),
    response: resolveResponse(frontend.response),
    forwardedFor: shared.forwardedFor ?? "off",
    trustedProxies: shared.trustedProxies ?? [],
    requestId: shared.requestId ?? "",
    hsts: resolveHsts(frontend.hsts),
    errors: resolveErrors({ ...defaults.errors, ...frontend.errors }, files),
    limits: resolveLimits({ ...given(defaults.limits), ...given(frontend.limits) }),
    timeout: {
      httpRequestMs: timeout.httpRequest ?? builtinMs(builtin.timeout.httpRequest),
      httpKeepAliveMs: timeout.httpKeepAlive ?? builtinMs(builtin.timeout.httpKeepAlive),
    },
    abortOnClose: shared.abortOnClose ?? builtin.abortOnClose,
    logRequestHeaders: logged.request ?? [],
    logResponseHeaders: logged.response ?? [],
  };
}

/** RFC 6797 section 6.1. */
function resolveHsts(setting: HstsConfig | boolean | undefined): string {
  if (setting === undefined || setting === false) return "";
  const hsts: HstsConfig = setting === true ? {} : setting;
  const { maxAge, includeSubdomains, preload } = hsts;
  const preset = builtin.hsts;
  const ageMs = maxAge ?? builtinMs(preset.maxAge, hstsAgeMaxMs);
  const words = [`max-age=${ageMs / 1000}`];
  if (includeSubdomains ?? preset.includeSubdomains) words.push("includeSubDomains");
  if (preload ?? preset.preload) words.push("preload");
  return words.join("; ");
}

function resolveLimits(limits: LimitsConfig): HttpLimits {
  const preset = builtin.limits;
  return {
    headBytes: limits.headSize ?? presetBytes(preset.headSize),
    headerCount: limits.headerCount ?? preset.headerCount,
    uriBytes: limits.uriLength ?? presetBytes(preset.uriLength),
    bodyBytes: limits.bodySize ?? presetBytes(preset.bodySize),
  };
}

function presetBytes(size: string | number): number {
  return builtinValue(parseSize(size, 0, Math.max(headBytesMax, bodyBytesMax)));
}

/** In the order of their statuses. */
function resolveErrors(
  pages: Readonly<Record<string, ErrorPageConfig>>,
  files: PageFiles,
): ErrorPage[] {
  return Object.entries(pages)
    .map(([status, page]) => ({
      status: Number(status),
      body: page.file === undefined ? (page.body ?? "") : builtinValue(files.read(page.file)),
      contentType: page.contentType ?? typeOf(page.file),
    }))
    .toSorted((left, right) => left.status - right.status);
}

function typeOf(file = ""): string {
  switch (extname(file).toLowerCase()) {
    case ".html":
    case ".htm":
      return "text/html; charset=utf-8";
    case ".json":
      return "application/json";
    default:
      return builtin.contentType;
  }
}
