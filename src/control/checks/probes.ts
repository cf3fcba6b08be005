// The kinds of probes, by the word that a check plan has for each.
import type { CheckPlan } from "../../config/check-plan.ts";
import { execProbe } from "./exec-probe.ts";
import { httpProbe } from "./http-probe.ts";
import type { Probe } from "./probe.ts";
import { tcpProbe } from "./tcp-probe.ts";

/** Compiled once for each checked server; throws for a regular expression that is none. */
export function probeOf(check: CheckPlan): Probe {
  const { probe } = check;
  switch (probe.kind) {
    case "tcp":
      return tcpProbe(check, probe);
    case "http":
      return httpProbe(check, probe);
    default:
      return execProbe(check, probe);
  }
}
