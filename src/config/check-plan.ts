// The part of a plan that says how a server is actively checked. Plain data like plan.ts; the
// control plane's checks read it, and nobody else.
import type { NamedAddress, SocketAddress } from "./address.ts";
import type { ServerTlsPlan } from "./tls-plan.ts";

/** What an active check does, and when it changes its mind. */
export interface CheckPlan {
  readonly probe: TcpProbe | HttpProbe | ExecProbe;
  readonly intervalMs: number;
  /** While it is changing its mind. */
  readonly fastIntervalMs: number;
  /** While it is down. */
  readonly downIntervalMs: number;
  readonly timeoutMs: number;
  /** Successes in a row that bring it up. */
  readonly rise: number;
  /** Failures in a row that take it down. */
  readonly fall: number;
  /** Instead of the server's own; null and 0: the server's own. */
  readonly address: SocketAddress | NamedAddress | null;
  readonly port: number;
  /** The PROXY protocol version that opens the check's connection; 0: none. */
  readonly sendProxy: 0 | 1 | 2;
  /** Null: the check speaks without TLS. */
  readonly tls: ServerTlsPlan | null;
  /**
   * Before the first result: `up`, and one failure takes it down (HAProxy's default); `fullyUp`, and
   * it takes `fall` failures; `down`, and one success brings it up; `fullyDown`, and it takes `rise`.
   */
  readonly initState: InitState;
}

export type InitState = "up" | "fullyUp" | "down" | "fullyDown";

/** A connection that stands is enough, or steps of a conversation. */
export interface TcpProbe {
  readonly kind: "tcp";
  readonly steps: readonly TcpStep[];
}

/** Sends bytes, or waits until what was received contains `expect` (or matches, with `regex`). */
export type TcpStep =
  | { readonly send: Uint8Array }
  | { readonly expect: Uint8Array }
  | { readonly regex: string };

export interface HttpProbe {
  readonly kind: "http";
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The Host header; empty: the server's address. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Inclusive ranges of good statuses. */
  readonly statuses: readonly (readonly [from: number, to: number])[];
  /** The body must contain this text, or match it as a regular expression; null: not read. */
  readonly body: { readonly text: string; readonly regex: boolean } | null;
}

/** A program: exit code 0 is up. */
export interface ExecProbe {
  readonly kind: "exec";
  readonly command: readonly string[];
}
