// What a worker receives from the control plane: the plan, and what the control plane has decided
// about it: scoreboard rows, resolved addresses, opened listening descriptors. Plain data.
import type { StickTableMemory } from "../scoreboard/stick-memory.ts";
import type { SessionCacheMemory } from "../tls/session-cache.ts";
import type { SocketAddress } from "../config/address.ts";
import type { BindMaterial, ServerMaterial } from "../config/tls-material.ts";
import type {
  BackendPlan,
  BindPlan,
  FrontendPlan,
  GlobalPlan,
  ServerPlan,
} from "../config/plan.ts";

/** One plan, ready to run on one worker. */
export interface Assignment {
  /** Grows with every plan; a worker reports the version that it has taken. */
  readonly version: number;
  readonly global: GlobalPlan;
  readonly frontends: readonly FrontendAssignment[];
  readonly backends: readonly BackendAssignment[];
  /** Sessions at once over all workers and frontends; more would run out of descriptors. */
  readonly sessionsMax: number;
  /** For session tickets, newest first; the same in all workers. */
  readonly ticketKeys: readonly Uint8Array[];
}

/** Certificates and keys of a bind, and when they were new: with the same stamp nothing has changed. */
export interface BindSecrets {
  /** Which bind: unique in the plan, and the same over reloads. */
  readonly key: string;
  readonly stamp: number;
  readonly material: BindMaterial;
  /** Sessions are gone on with only where this is the same; up to 32 bytes. */
  readonly id: Uint8Array;
  /** Of clients without tickets; null: none are kept. */
  readonly sessions: SessionCacheMemory | null;
}

/** The same for a server. */
export interface ServerSecrets {
  readonly key: string;
  readonly stamp: number;
  readonly material: ServerMaterial;
}

export interface FrontendAssignment {
  readonly plan: FrontendPlan;
  readonly row: number;
  readonly binds: readonly BindAssignment[];
}

export interface BindAssignment {
  readonly plan: BindPlan;
  /** This worker's listening socket; -1 when the reactor opens its own. Owned by the control plane. */
  readonly descriptor: number;
  /** Null: it speaks no TLS. */
  readonly secrets: BindSecrets | null;
}

export interface BackendAssignment {
  readonly plan: BackendPlan;
  readonly row: number;
  /** Its policy's hash table, both halves; null for a policy without one. */
  readonly table: SharedArrayBuffer | null;
  /** Its sticky table; null without one. */
  readonly stick: StickTableMemory | null;
  /** In the plan's order. */
  readonly servers: readonly ServerAssignment[];
}

export interface ServerAssignment {
  readonly plan: ServerPlan;
  readonly row: number;
  /** Null while its name does not resolve; such a server is down. */
  readonly address: SocketAddress | null;
  /** Null: it is spoken to without TLS. */
  readonly secrets: ServerSecrets | null;
}

/** A server that has moved. */
export interface AddressChange {
  readonly row: number;
  readonly address: SocketAddress;
}
