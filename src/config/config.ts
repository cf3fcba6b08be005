// A configuration file after the schema has read it: the operator's own words, with durations in
// milliseconds and addresses as data, but nothing inherited or defaulted yet. schema.ts makes it,
// resolve.ts turns it into a plan.
import type { BindAddress, ServerAddress } from "./address-syntax.ts";
import type { CheckConfig } from "./check-config.ts";
import type {
  BackendWeights,
  HttpBackendConfig,
  HttpFrontendConfig,
  HttpServingConfig,
  HttpSharedConfig,
} from "./http-config.ts";
import type { AccessFormat, LogLevel, Mode, ProxyTlv, ReactorKind, SessionKey } from "./plan.ts";
import type { BindTlsConfig, GlobalTlsConfig, ServerTlsConfig } from "./tls-config.ts";

export interface Config {
  readonly global?: GlobalConfig | undefined;
  readonly defaults?: DefaultsConfig | undefined;
  readonly frontends: Readonly<Record<string, FrontendConfig>>;
  readonly backends: Readonly<Record<string, BackendConfig>>;
}

export interface GlobalConfig {
  readonly workers?: number | "auto" | undefined;
  readonly reactor?: ReactorKind | "auto" | undefined;
  readonly shutdownTimeout?: number | undefined;
  readonly admin?: AdminConfig | false | undefined;
  readonly resolve?: ResolveConfig | undefined;
  readonly tls?: GlobalTlsConfig | undefined;
  readonly log?: LogConfig | undefined;
}

export interface AdminConfig {
  readonly bind?: BindAddress | undefined;
  readonly token?: string | undefined;
}

export interface ResolveConfig {
  /** As `host:port`. */
  readonly nameservers?: readonly string[] | undefined;
  readonly interval?: number | undefined;
  readonly timeout?: number | undefined;
}

export interface LogConfig {
  readonly level?: LogLevel | undefined;
  readonly access?: string | undefined;
  readonly format?: AccessFormat | undefined;
}

export interface FrontendTimeoutConfig {
  readonly client?: number | undefined;
  readonly clientFin?: number | undefined;
  readonly clientHs?: number | undefined;
  readonly httpRequest?: number | undefined;
  readonly httpKeepAlive?: number | undefined;
}

export interface BackendTimeoutConfig {
  readonly connect?: number | undefined;
  readonly server?: number | undefined;
  readonly tunnel?: number | undefined;
  readonly queue?: number | undefined;
}

export type DefaultsTimeoutConfig = FrontendTimeoutConfig & BackendTimeoutConfig;

export interface DefaultsConfig extends HttpSharedConfig, HttpServingConfig {
  readonly mode?: Mode | undefined;
  readonly timeout?: DefaultsTimeoutConfig | undefined;
  readonly retries?: number | undefined;
  readonly redispatch?: boolean | undefined;
  readonly tcpKeepalive?: number | undefined;
}

export interface BindConfig {
  readonly address: BindAddress;
  readonly acceptProxy?: boolean | undefined;
  readonly tls?: BindTlsConfig | undefined;
}

export interface FrontendConfig extends HttpFrontendConfig {
  readonly mode?: Mode | undefined;
  readonly bind: readonly BindConfig[];
  readonly maxconn?: number | undefined;
  /** Of it and `routes` there is one; in tcp mode it is one backend: semantics has seen to it. */
  readonly backend?: BackendWeights | undefined;
  readonly tcpKeepalive?: number | undefined;
  readonly timeout?: FrontendTimeoutConfig | undefined;
}

export type SendProxy = "v1" | "v2" | "off";

export interface SendProxyConfig {
  readonly version?: SendProxy | undefined;
  readonly tlvs?: readonly ProxyTlv[] | undefined;
}

export type OnMarkedDown = "shutdownSessions" | "keep";

export interface ServerConfig {
  readonly address: ServerAddress;
  readonly weight?: number | undefined;
  readonly maxconn?: number | undefined;
  readonly maxqueue?: number | undefined;
  readonly backup?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly check?: CheckConfig | boolean | undefined;
  readonly slowstart?: SlowstartConfig | undefined;
  readonly onMarkedDown?: OnMarkedDown | undefined;
  readonly sendProxy?: SendProxyConfig | undefined;
  readonly tls?: ServerTlsConfig | boolean | undefined;
  /** What stands for it in the backend's cookie. */
  readonly cookie?: string | undefined;
}

export interface SlowstartConfig {
  readonly window: number;
  readonly aggression?: number | undefined;
  readonly minWeight?: number | undefined;
}

/** A policy by its name, or what is hashed and how. */
export type BalanceConfig =
  | { readonly policy: string }
  | {
      readonly hash: SessionKey;
      readonly method?: string | undefined;
      readonly boundedLoad?: number | undefined;
    };

export interface StickConfig {
  readonly on: SessionKey;
  readonly expire?: number | undefined;
  readonly size?: number | undefined;
}

export interface OutlierConfig {
  readonly consecutiveErrors?: number | undefined;
  readonly errorRate?: number | undefined;
  readonly latencyFactor?: number | undefined;
  readonly minSessions?: number | undefined;
  readonly interval?: number | undefined;
  readonly ejectFor?: number | undefined;
  readonly ejectForMax?: number | undefined;
  readonly maxEjectedPercent?: number | undefined;
}

export interface BackendConfig extends HttpBackendConfig {
  readonly balance?: BalanceConfig | undefined;
  readonly check?: CheckConfig | boolean | undefined;
  readonly outlier?: OutlierConfig | boolean | undefined;
  readonly stick?: StickConfig | undefined;
  readonly maxconn?: number | undefined;
  readonly maxqueue?: number | undefined;
  readonly failover?: readonly string[] | undefined;
  readonly recoveryDelay?: number | undefined;
  readonly panicThreshold?: number | undefined;
  readonly allBackups?: boolean | undefined;
  readonly slowstart?: SlowstartConfig | undefined;
  readonly onMarkedDown?: OnMarkedDown | undefined;
  readonly servers: Readonly<Record<string, ServerConfig>>;
  readonly sendProxy?: SendProxyConfig | undefined;
  readonly tls?: ServerTlsConfig | boolean | undefined;
  readonly retries?: number | undefined;
  readonly redispatch?: boolean | undefined;
  readonly tcpKeepalive?: number | undefined;
  readonly timeout?: BackendTimeoutConfig | undefined;
}
