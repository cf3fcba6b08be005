// The part of the plan that says which sessions of a frontend in tcp mode go where, by what their clients
// say first: their TLS hello. Plain data like plan.ts, which includes it; it imports no library.
import type { BackendChoice, MatchPlan } from "./route-plan.ts";

/** All lists that are not empty must hold, each by one of its words. */
export interface TcpRoutePlan {
  /** For logs: the name given, or its place from 1. */
  readonly name: string;
  /**
   * What the client asks for in TLS, in lower case: a name, or `*.example.com` for all that ends with
   * `.example.com`, however many labels come before. Who names nothing does not match.
   */
  readonly sni: readonly string[];
  /** Protocols of which the client offers one. */
  readonly alpn: readonly string[];
  /** CIDR ranges or addresses. */
  readonly source: MatchPlan["source"];
  readonly backend: BackendChoice;
}
