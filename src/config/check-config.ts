// A `check` as the schema has read it: nothing inherited or defaulted yet. check-schema.ts makes it,
// resolve-check.ts turns it into a plan.
import type { ServerAddress } from "./address-syntax.ts";
import type { HttpProbe, InitState, TcpStep } from "./check-plan.ts";
import type { SendProxy } from "./config.ts";
import type { ServerTlsConfig } from "./tls-config.ts";

export interface CheckConfig {
  readonly interval?: number | undefined;
  readonly timeout?: number | undefined;
  readonly rise?: number | undefined;
  readonly fall?: number | undefined;
  readonly fastInterval?: number | undefined;
  readonly downInterval?: number | undefined;
  readonly address?: ServerAddress | undefined;
  readonly port?: number | undefined;
  readonly sendProxy?: SendProxy | undefined;
  readonly tls?: ServerTlsConfig | boolean | undefined;
  readonly initState?: InitState | undefined;
  /** One of these three at most: semantics has seen to it. */
  readonly tcp?: readonly TcpStep[] | undefined;
  readonly http?: HttpCheckConfig | undefined;
  readonly exec?: { readonly command: readonly string[] } | undefined;
}

export interface HttpCheckConfig {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly status?: HttpProbe["statuses"] | undefined;
  readonly body?: NonNullable<HttpProbe["body"]> | undefined;
}
