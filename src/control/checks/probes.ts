// The kinds of probes, by the word that a check plan has for each.
import type { CheckPlan } from "../../config/check-plan.ts";
import { execProbe } from "./exec-probe.ts";
import { httpProbe } from "./http-probe.ts";
import type { Probe } from "./probe.ts";
import { tcpProbe } from "./tcp-probe.ts";
import { TlsContexts } from "./tls-contexts.ts";

/**
 * Compiled once for each checked server; throws for a regular expression that is none. Without
 * `contexts` there are no files for TLS.
 */
export function probeOf(check: CheckPlan, contexts: TlsContexts = new TlsContexts()): Probe {
  const { probe } = check;
  switch (probe.kind) {
    case "tcp":
      return tcpProbe(check, probe, contexts);
    case "http":
      return httpProbe(check, probe, contexts);
    default:
      return execProbe(check, probe);
  }
}
