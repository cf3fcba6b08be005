// Certificates and keys on their way to the workers: read for a plan before any worker hears of it, tried
// on OpenSSL, stamped so that a worker sees what has changed, and sent again when files change. With
// them go the keys of session tickets. The supervisor owns it; nothing here is ever logged.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { formatAddress } from "../../config/address.ts";
import type { FrontendPlan, Plan } from "../../config/plan.ts";
import type { BindMaterial, ServerMaterial } from "../../config/tls-material.ts";
import type { BindTlsPlan, ServerTlsPlan } from "../../config/tls-plan.ts";
import type { BindSecrets, ServerSecrets } from "../../proxy/assignment.ts";
import { serverKey } from "../../scoreboard/rows.ts";
import type { Log } from "../log.ts";
import type { ToWorker } from "../messages.ts";
import type { Watcher } from "../watchers.ts";
import { Certificates } from "./certificates.ts";
import type { Loaded } from "./loaded.ts";
import { SessionCaches } from "./session-caches.ts";
import { TicketRing } from "./ticket-ring.ts";
import { tryBind, tryServer } from "./trial.ts";
import type { TlsBind, TlsChange, TlsServer } from "./wanted.ts";

/** A plan cannot run: its certificates cannot be used. A sentence for each mistake. */
export class SecretsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "SecretsError";
    this.problems = problems;
  }
}

export interface SecretsOptions {
  readonly log: Log;
  /** To all workers. */
  readonly broadcast: (message: ToWorker) => void;
}

/** What a stamp stands for. */
interface Stamped {
  readonly stamp: number;
  readonly tls: BindTlsPlan | ServerTlsPlan;
  readonly material: BindMaterial | ServerMaterial;
}

/** A plan's: read, and good. */
export interface Generation {
  readonly loaded: Loaded;
  readonly binds: ReadonlyMap<string, BindTlsPlan>;
  readonly servers: ReadonlyMap<string, ServerTlsPlan>;
}

export class Secrets implements Watcher {
  readonly certificates: Certificates;
  readonly #options: SecretsOptions;
  readonly #tickets: TicketRing;
  readonly #sessions: SessionCaches;
  /** By kind and key, of whatever was asked for last. */
  readonly #stamps: Map<string, Stamped>;
  #lastStamp: number;
  #used: Generation | null;

  constructor(options: SecretsOptions) {
    this.#options = options;
    this.certificates = new Certificates({
      log: options.log,
      onChange: (change) => this.#changed(change),
    });
    this.#tickets = new TicketRing((keys) => options.broadcast({ type: "ticketKeys", keys }));
    this.#sessions = new SessionCaches();
    this.#stamps = new Map();
    this.#lastStamp = 0;
    this.#used = null;
  }

  get ticketKeys(): readonly Uint8Array[] {
    return this.#tickets.keys;
  }

  /** Reads and tries all that `plan` needs; what is in use stays so, for it may still be refused. Throws SecretsError. */
  prepare(plan: Plan): Generation {
    const binds = bindsOf(plan);
    const servers = serversOf(plan);
    const loaded = this.certificates.load(binds, servers);
    if (!loaded.ok) throw new SecretsError(loaded.problems);
    for (const warning of loaded.warnings) this.#options.log.warn(warning);
    const problems: string[] = [];
    for (const { key, tls } of binds) {
      const problem = tryBind(tls, loaded.binds.get(key) as BindMaterial);
      if (problem !== "") problems.push(`${key}: ${problem}`);
    }
    for (const { key, tls } of servers) {
      const problem = tryServer(tls, loaded.servers.get(key) as ServerMaterial);
      if (problem !== "") problems.push(`${key}: ${problem}`);
    }
    if (problems.length > 0) throw new SecretsError(problems);
    return {
      loaded,
      binds: new Map(binds.map(({ key, tls }) => [key, tls])),
      servers: new Map(servers.map(({ key, tls }) => [key, tls])),
    };
  }

  /** The plan that this was prepared for will run: workers are given these from now on. */
  use(prepared: Generation): void {
    this.#used = prepared;
    this.#sessions.use(prepared.binds);
    const rotations = [...prepared.binds.values()].map(({ ticketRotationMs }) => ticketRotationMs);
    this.#tickets.rotate(Math.min(...rotations));
  }

  /** All workers have the plan: its files are watched from now on. */
  apply(): void {
    if (this.#used !== null) this.certificates.keep(this.#used.loaded);
  }

  /** Of the plan in use. Null: that bind speaks no TLS. */
  ofBind(key: string): BindSecrets | null {
    const tls = this.#used?.binds.get(key);
    const material = this.#used?.loaded.binds.get(key);
    if (tls === undefined || material === undefined) return null;
    const stamp = this.#stamp(`bind ${key}`, tls, material);
    return {
      key,
      stamp,
      material,
      id: sessionsId(key, tls, material),
      sessions: this.#sessions.of(key),
    };
  }

  /** The same of a server, by its key in the scoreboard. */
  ofServer(server: string): ServerSecrets | null {
    const key = serverName(server);
    const tls = this.#used?.servers.get(key);
    const material = this.#used?.loaded.servers.get(key);
    if (tls === undefined || material === undefined) return null;
    return { key, stamp: this.#stamp(key, tls, material), material };
  }

  /** For a server's check, as it is at this moment; null: that speaks no TLS. */
  ofCheck(key: string): ServerMaterial | null {
    return this.#used?.loaded.servers.get(key) ?? null;
  }

  close(): void {
    this.certificates.close();
    this.#tickets.close();
  }

  #stamp(
    key: string,
    tls: BindTlsPlan | ServerTlsPlan,
    material: BindMaterial | ServerMaterial,
  ): number {
    const known = this.#stamps.get(key);
    if (
      known !== undefined &&
      isDeepStrictEqual({ ...known, stamp: 0 }, { stamp: 0, tls, material })
    ) {
      return known.stamp;
    }
    const stamp = ++this.#lastStamp;
    this.#stamps.set(key, { stamp, tls, material });
    return stamp;
  }

  #changed(change: TlsChange): void {
    const { key } = change;
    if (change.kind === "server") {
      const secrets = key.startsWith("server ") ? this.ofServer(key.slice("server ".length)) : null;
      if (secrets !== null) this.#options.broadcast({ type: "serverSecrets", secrets });
      return;
    }
    const secrets = this.ofBind(key);
    const tls = this.#used?.binds.get(key);
    if (secrets === null || tls === undefined) return;
    const problem = tryBind(tls, secrets.material);
    if (problem === "") this.#options.broadcast({ type: "bindSecrets", secrets });
    else this.#options.log.warn(`${key}: ${problem}; workers keep what they have`);
  }
}

/**
 * Where sessions may be gone on with: on this bind, as long as the same clients are let in. Somebody whose
 * certificate has been revoked, or was signed by who is not trusted any more, must shake hands anew.
 */
function sessionsId(key: string, { clientAuth }: BindTlsPlan, material: BindMaterial): Uint8Array {
  const hash = createHash("sha256").update(key);
  const { clientCa, crl } = material;
  if (clientAuth !== null) hash.update(`\0${clientAuth.required ? "required" : "optional"}`);
  for (const part of [clientCa, crl]) {
    if (part !== null) hash.update(`\0${part.length}\0`).update(part);
  }
  return hash.digest();
}

/** How a bind is named in messages; unique in a plan. */
export function bindKey({ name, binds }: FrontendPlan, index: number): string {
  const address = binds[index]?.address;
  const place = address === undefined ? "" : ` (${formatAddress(address)})`;
  return `frontend ${name}, bind ${index + 1}${place}`;
}

function serverName(key: string): string {
  return `server ${key}`;
}

/** How the TLS of a server's check is named. */
export function checkName(key: string): string {
  return `check ${key}`;
}

function bindsOf({ frontends }: Plan): TlsBind[] {
  return frontends.flatMap((frontend) =>
    frontend.binds.flatMap(({ tls }, i) =>
      tls === null ? [] : [{ key: bindKey(frontend, i), tls }],
    ),
  );
}

function serversOf({ backends }: Plan): TlsServer[] {
  return backends.flatMap(({ name: backend, servers }) =>
    servers.flatMap(({ name, tls, check }) => {
      const key = serverKey(backend, name);
      const wanted: TlsServer[] = [];
      if (tls !== null) wanted.push({ key: serverName(key), tls });
      const checked = check?.tls ?? null;
      if (checked !== null) wanted.push({ key: checkName(key), tls: checked });
      return wanted;
    }),
  );
}
