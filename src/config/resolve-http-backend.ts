// What a backend does for frontends in http mode: retries, reuse of connections. resolve-backend.ts
// calls it; it finds no mistakes.
import { builtin } from "./builtin.ts";
import { heldBytesMax } from "./http-limits.ts";
import type { HttpBackendPlan, RetryPlan, ReusePlan } from "./http-plan.ts";
import { builtinMs, builtinValue } from "./inherited.ts";
import { parsePercent, parseSize } from "./quantities.ts";

/** `retries` is what the backend has for connects. */
export function resolveHttpBackend(retries: number): HttpBackendPlan {
  return {
    request: { headers: { set: [], add: [], remove: [] }, path: [], host: null },
    response: { headers: { set: [], add: [], remove: [] } },
    cookie: null,
    retry: resolveRetry(retries),
    reuse: resolveReuse(),
  };
}

function resolveRetry(retries: number): RetryPlan {
  const preset = builtin.retry;
  return {
    on: preset.on,
    attempts: retries,
    perTryTimeoutMs: preset.perTryTimeout,
    budgetPercent: builtinValue(parsePercent(preset.budget, 0)),
    budgetMin: preset.budgetMin,
    bodyBytes: builtinValue(parseSize(preset.maxBody, 0, heldBytesMax)),
    nonIdempotent: preset.nonIdempotent,
  };
}

function resolveReuse(): ReusePlan {
  const preset = builtin.reuse;
  return {
    mode: preset.mode,
    idleMax: preset.maxIdle,
    idleTimeoutMs: builtinMs(preset.idleTimeout),
    requestsMax: preset.maxRequests,
    ageMaxMs: preset.maxAge,
  };
}
