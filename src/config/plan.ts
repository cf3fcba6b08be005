// The plan: a configuration after every decision that can be taken early has been taken. Plain,
// frozen, structured-cloneable data; the only thing that the data plane knows of the configuration.
// Every layer may import this file. It imports no library.
import type { NamedAddress, SocketAddress } from "./address.ts";
import type { CheckPlan } from "./check-plan.ts";
import type { HttpBackendPlan, HttpFrontendPlan } from "./http-plan.ts";
import type { TcpRoutePlan } from "./tcp-route-plan.ts";
import type { BindTlsPlan, ServerTlsPlan } from "./tls-plan.ts";

/** Everything that a configuration file says, resolved: no defaults left to look up. */
export interface Plan {
  /** The file it came from, as the operator named it. */
  readonly source: string;
  readonly global: GlobalPlan;
  readonly frontends: readonly FrontendPlan[];
  readonly backends: readonly BackendPlan[];
}

export type ReactorKind = "epoll" | "node";
export type LogLevel = "debug" | "info" | "warn" | "error";
export type Mode = "tcp" | "http";
export type AccessFormat = "json" | "clf" | "haproxy";
/** What a PROXY protocol header of version 2 tells beside addresses; `ssl` is PP2_TYPE_SSL. */
export type ProxyTlv = "sni" | "alpn" | "ssl";

export interface GlobalPlan {
  /** Data-plane threads; `auto` is already resolved to the usable CPUs. */
  readonly workers: number;
  /** `auto` stays: what the machine can do is known to the control plane only. */
  readonly reactor: ReactorKind | "auto";
  readonly shutdownTimeoutMs: number;
  /** Null: off. */
  readonly admin: AdminPlan | null;
  readonly resolve: ResolvePlan;
  readonly tls: {
    /** Handshakes with clients at once, in each worker; further clients wait. */
    readonly maxHandshakes: number;
  };
  readonly log: {
    readonly level: LogLevel;
    /** `stdout`, `stderr`, `off`, or a file's path. */
    readonly access: string;
    readonly format: AccessFormat;
  };
}

/** The admin API. */
export interface AdminPlan {
  readonly address: SocketAddress;
  /** What `Authorization: Bearer` must say; empty: nothing is asked, loopback only. */
  readonly token: string;
  /** The file says so itself: if it cannot listen, that is an error and not a warning. */
  readonly required: boolean;
}

/** How names of servers become addresses, again and again. */
export interface ResolvePlan {
  /** Name servers as `host:port`; empty: what the system uses. */
  readonly nameservers: readonly string[];
  /** Between two looks at one name; 0: as long as the answer says (its TTL, in bounds). */
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** One place where a frontend listens. */
export interface BindPlan {
  readonly address: SocketAddress;
  /** A PROXY protocol header (v1 or v2) must open every connection. */
  readonly acceptProxy: boolean;
  /** Null: connections are as they come, also where a client speaks TLS with a server. */
  readonly tls: BindTlsPlan | null;
}

export interface FrontendPlan {
  readonly name: string;
  readonly mode: Mode;
  readonly binds: readonly BindPlan[];
  /** Sessions at once over all workers; the rest wait in the kernel's backlog. 0: no limit. */
  readonly maxconn: number;
  /** Kernel keepalive probes to its clients after this idle time; 0: none. */
  readonly tcpKeepaliveMs: number;
  /** In tcp mode, first match wins; in http mode empty. */
  readonly tcpRoutes: readonly TcpRoutePlan[];
  /**
   * In tcp mode the backend that takes what no route matched; empty: that is closed. In http mode
   * empty: `http` says where to.
   */
  readonly backend: string;
  readonly timeout: FrontendTimeouts;
  /** Null in tcp mode, and only there. */
  readonly http: HttpFrontendPlan | null;
}

/** Milliseconds; 0 switches a limit off. */
export interface FrontendTimeouts {
  /** The client neither sends nor takes what waits for it. */
  readonly clientMs: number;
  /** One direction has ended and the other is silent. */
  readonly clientFinMs: number;
  /** The PROXY protocol header must be complete by then, and so must the TLS handshake. */
  readonly clientHsMs: number;
}

export interface BackendPlan {
  readonly name: string;
  readonly balance: BalancePlan;
  readonly servers: readonly ServerPlan[];
  /** Sessions at once on its servers, over all workers; further ones wait. 0: no limit. */
  readonly maxconn: number;
  /** Sessions that may wait for it, or for one of its servers; more are refused. 0: no limit. */
  readonly maxqueue: number;
  /** Of its backup servers all that are usable take part, not the first alone. */
  readonly allBackups: boolean;
  /** Below this percentage of healthy servers health is ignored. 0: never. */
  readonly panicThreshold: number;
  /** Backends that take its sessions while it has no usable server, in order. */
  readonly failover: readonly string[];
  /** It is used again only after it has been usable for so long without a break. */
  readonly recoveryDelayMs: number;
  /** Null: none. */
  readonly stick: StickPlan | null;
  readonly outlier: OutlierPlan | null;
  /** Connect attempts after the first. */
  readonly retries: number;
  /** A retry may go to another server. */
  readonly redispatch: boolean;
  /** Kernel keepalive probes to its servers after this idle time; 0: none. */
  readonly tcpKeepaliveMs: number;
  readonly timeout: BackendTimeouts;
  /** What frontends in http mode make of it; those in tcp mode do not look here. */
  readonly http: HttpBackendPlan;
}

/** Milliseconds; 0 switches a limit off. */
export interface BackendTimeouts {
  readonly connectMs: number;
  /** The server neither sends nor takes what waits for it. */
  readonly serverMs: number;
  /** Both sides silent. 0 when `client` and `server` rule instead (see docs: timeouts). */
  readonly tunnelMs: number;
  /** Waiting for a place on a server. */
  readonly queueMs: number;
}

/**
 * What a choice is made by, or remembered by: the client's address, the TLS server name, or
 * something of a request. Names of headers are in lower case. What a session does not have is no key.
 */
export type SessionKey =
  | "source"
  | "sni"
  | "uri"
  | "path"
  | `header:${string}`
  | `cookie:${string}`
  | `query:${string}`;

export interface BalancePlan {
  /** Name of a policy in the balance registry; of a hash its method: `ring`, `maglev`, ... */
  readonly policy: string;
  /** What is hashed; null for a policy that hashes nothing. */
  readonly key: SessionKey | null;
  /** No server above this multiple of the mean load; 0: no bound. */
  readonly boundedLoad: number;
}

/** A sticky table: which server a key was led to before. */
export interface StickPlan {
  readonly key: SessionKey;
  /** An entry that nobody used for so long is forgotten. */
  readonly expireMs: number;
  /** Entries at most. */
  readonly size: number;
}

/** Passive checks: servers on which real traffic fails are ejected for a time. */
export interface OutlierPlan {
  /** Failures in a row that eject a server; 0: does not count. */
  readonly consecutiveErrors: number;
  /** Percentage of failed sessions in one interval; 0: does not count. */
  readonly errorRate: number;
  /** Its mean connect time is this multiple of the median of its peers; 0: does not count. */
  readonly latencyFactor: number;
  /** Sessions in one interval below which rate and latency say nothing. */
  readonly minSessions: number;
  readonly intervalMs: number;
  /** Of the first ejection; the n-th lasts n times as long, up to `ejectForMaxMs`. */
  readonly ejectForMs: number;
  readonly ejectForMaxMs: number;
  /** Of a backend's servers at most; one may always be ejected if another is left. */
  readonly maxEjectedPercent: number;
}

export interface ServerPlan {
  readonly name: string;
  /** A name is resolved by the control plane before the plan reaches a worker. */
  readonly address: SocketAddress | NamedAddress;
  /** 0 to 256; 0 gets no new sessions. */
  readonly weight: number;
  /** The PROXY protocol version that opens every connection to it; 0: none. */
  readonly sendProxy: 0 | 1 | 2;
  /** With version 2: what that header tells of the client's TLS. */
  readonly proxyTlvs: readonly ProxyTlv[];
  /** Null: without TLS. */
  readonly tls: ServerTlsPlan | null;
  /** Sessions at once on it, over all workers; further ones wait. 0: no limit. */
  readonly maxconn: number;
  /** Sessions that may wait for it alone; more go elsewhere. 0: no limit. */
  readonly maxqueue: number;
  /** Used only while no other server of its backend is usable. */
  readonly backup: boolean;
  /** Starts in maintenance. */
  readonly disabled: boolean;
  /** Null: full weight at once. */
  readonly slowstart: SlowstartPlan | null;
  /** Null: not checked, so up. */
  readonly check: CheckPlan | null;
  /** When it is marked down its sessions end. */
  readonly shutdownSessions: boolean;
}

/** Envoy's formula: weight x max(minPercent / 100, (age / window) ^ (1 / aggression)). */
export interface SlowstartPlan {
  readonly windowMs: number;
  /** 1: linear; above it the ramp begins steeper. */
  readonly aggression: number;
  readonly minPercent: number;
}
