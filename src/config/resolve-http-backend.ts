// What a backend does for frontends in http mode: rewrites, cookie, retries, reuse of connections.
// resolve-backend.ts calls it; it finds no mistakes.
import { builtin } from "./builtin.ts";
import { cookieValueOf } from "./cookie-value.ts";
import type { BackendConfig, DefaultsConfig } from "./config.ts";
import type { CookieConfig, RetryConfig, ReuseConfig } from "./http-config.ts";
import { heldBytesMax } from "./http-limits.ts";
import type { CookiePlan, HttpBackendPlan, RetryPlan, ReusePlan } from "./http-plan.ts";
import { builtinMs, builtinValue, given } from "./inherited.ts";
import { parsePercent, parseSize } from "./quantities.ts";
import { resolveRequest, resolveResponse } from "./resolve-rewrite.ts";

/** `retries` is what the backend has for connects. */
export function resolveHttpBackend(
  name: string,
  backend: BackendConfig,
  defaults: DefaultsConfig,
  retries: number,
): HttpBackendPlan {
  return {
    request: resolveRequest(backend.request),
    response: resolveResponse(backend.response),
    cookie: backend.cookie ? resolveCookie(name, backend.cookie, backend) : null,
    retry: resolveRetry({ ...given(defaults.retry), ...given(backend.retry) }, retries),
    reuse: resolveReuse({ ...given(defaults.reuse), ...given(backend.reuse) }),
  };
}

function resolveCookie(name: string, cookie: CookieConfig, { servers }: BackendConfig): CookiePlan {
  const values = Object.entries(servers).map(([server, { cookie: own }]) => [
    server,
    own ?? cookieValueOf(name, server),
  ]);
  return {
    name: cookie.name,
    mode: cookie.mode ?? builtin.cookie.mode,
    indirect: cookie.indirect ?? false,
    nocache: cookie.nocache ?? false,
    postonly: cookie.postonly ?? false,
    preserve: cookie.preserve ?? false,
    httpOnly: cookie.httpOnly ?? false,
    secure: cookie.secure ?? false,
    sameSite: cookie.sameSite ?? null,
    domain: cookie.domain ?? "",
    path: cookie.path ?? builtin.cookie.path,
    maxIdleMs: cookie.maxIdle ?? 0,
    maxLifeMs: cookie.maxLife ?? 0,
    values: Object.fromEntries(values) as Record<string, string>,
  };
}

function resolveRetry(retry: RetryConfig, retries: number): RetryPlan {
  const preset = builtin.retry;
  return {
    on: retry.on ?? preset.on,
    attempts: retry.attempts ?? retries,
    perTryTimeoutMs: retry.perTryTimeout ?? preset.perTryTimeout,
    budgetPercent: retry.budget?.percent ?? builtinValue(parsePercent(preset.budget, 0)),
    budgetMin: retry.budget?.min ?? preset.budgetMin,
    bodyBytes: retry.maxBody ?? builtinValue(parseSize(preset.maxBody, 0, heldBytesMax)),
    nonIdempotent: retry.nonIdempotent ?? preset.nonIdempotent,
  };
}

function resolveReuse(reuse: ReuseConfig): ReusePlan {
  const preset = builtin.reuse;
  return {
    mode: reuse.mode ?? preset.mode,
    idleMax: reuse.maxIdle ?? preset.maxIdle,
    idleTimeoutMs: reuse.idleTimeout ?? builtinMs(preset.idleTimeout),
    requestsMax: reuse.maxRequests ?? preset.maxRequests,
    ageMaxMs: reuse.maxAge ?? preset.maxAge,
  };
}
