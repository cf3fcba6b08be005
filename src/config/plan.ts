// The plan: a configuration after every decision that can be taken early has been taken. Plain,
// frozen, structured-cloneable data; the only thing that the data plane knows of the configuration.
// Every layer may import this file. It imports no library.
import type { NamedAddress, SocketAddress } from "./address.ts";

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
export type AccessFormat = "json" | "clf" | "haproxy";

export interface GlobalPlan {
  /** Data-plane threads; `auto` is already resolved to the usable CPUs. */
  readonly workers: number;
  /** `auto` stays: what the machine can do is known to the control plane only. */
  readonly reactor: ReactorKind | "auto";
  readonly shutdownTimeoutMs: number;
  readonly log: {
    readonly level: LogLevel;
    /** `stdout`, `stderr`, `off`, or a file's path. */
    readonly access: string;
    readonly format: AccessFormat;
  };
}

/** One place where a frontend listens. */
export interface BindPlan {
  readonly address: SocketAddress;
  /** A PROXY protocol header (v1 or v2) must open every connection. */
  readonly acceptProxy: boolean;
}

export interface FrontendPlan {
  readonly name: string;
  readonly mode: "tcp";
  readonly binds: readonly BindPlan[];
  /** Sessions at once over all workers; the rest wait in the kernel's backlog. 0: no limit. */
  readonly maxconn: number;
  /** Kernel keepalive probes to its clients after this idle time; 0: none. */
  readonly tcpKeepaliveMs: number;
  /** Name of the backend that takes its sessions. */
  readonly backend: string;
  readonly timeout: FrontendTimeouts;
}

/** Milliseconds; 0 switches a limit off. */
export interface FrontendTimeouts {
  /** The client neither sends nor takes what waits for it. */
  readonly clientMs: number;
  /** One direction has ended and the other is silent. */
  readonly clientFinMs: number;
  /** The PROXY protocol header must be complete by then. */
  readonly clientHsMs: number;
}

export interface BackendPlan {
  readonly name: string;
  /** Name of a policy in the balance registry. */
  readonly balance: string;
  readonly servers: readonly ServerPlan[];
  /** Connect attempts after the first. */
  readonly retries: number;
  /** A retry may go to another server. */
  readonly redispatch: boolean;
  /** Kernel keepalive probes to its servers after this idle time; 0: none. */
  readonly tcpKeepaliveMs: number;
  readonly timeout: BackendTimeouts;
}

/** Milliseconds; 0 switches a limit off. */
export interface BackendTimeouts {
  readonly connectMs: number;
  /** The server neither sends nor takes what waits for it. */
  readonly serverMs: number;
  /** Both sides silent. 0 when `client` and `server` rule instead (see docs: timeouts). */
  readonly tunnelMs: number;
}

export interface ServerPlan {
  readonly name: string;
  /** A name is resolved by the control plane before the plan reaches a worker. */
  readonly address: SocketAddress | NamedAddress;
  /** 0 to 256; 0 gets no new sessions. */
  readonly weight: number;
  /** The PROXY protocol version that opens every connection to it; 0: none. */
  readonly sendProxy: 0 | 1 | 2;
}
