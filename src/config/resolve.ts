// A valid configuration to a plan: inheritance, built-in defaults, and what depends on the machine.
// load.ts calls it; it finds no mistakes.
import type { SocketAddress } from "./address.ts";
import type { BindAddress } from "./address-syntax.ts";
import { builtin } from "./builtin.ts";
import type {
  BackendConfig,
  Config,
  DefaultsTimeoutConfig,
  FrontendConfig,
  SendProxy,
  ServerConfig,
} from "./config.ts";
import { parseDuration } from "./duration.ts";
import type { Machine } from "./machine.ts";
import type { BackendPlan, FrontendPlan, GlobalPlan, Plan, ServerPlan } from "./plan.ts";
import { entriesAt, type TreeNode } from "./tree.ts";

/** The plan of `config`, deeply frozen. `root` is the tree it was read from: it knows the order. */
export function resolvePlan(
  source: string,
  config: Config,
  root: TreeNode,
  machine: Machine,
): Plan {
  const frontendNames = [...entriesAt(root, ["frontends"]).keys()];
  const backendNames = [...entriesAt(root, ["backends"]).keys()];
  const plan: Plan = {
    source,
    global: resolveGlobal(config, machine),
    frontends: frontendNames.flatMap((name) => {
      const frontend = config.frontends[name];
      return frontend ? [resolveFrontend(name, frontend, config, machine)] : [];
    }),
    backends: backendNames.flatMap((name) => {
      const backend = config.backends[name];
      const servers = [...entriesAt(root, ["backends", name, "servers"]).keys()];
      return backend ? [resolveBackend(name, backend, servers, config)] : [];
    }),
  };
  return freeze(plan);
}

function resolveGlobal(config: Config, machine: Machine): GlobalPlan {
  const { workers = builtin.workers, reactor, shutdownTimeout, log } = config.global ?? {};
  return {
    workers: workers === "auto" ? machine.cpus : workers,
    reactor: reactor ?? builtin.reactor,
    shutdownTimeoutMs: shutdownTimeout ?? builtinMs(builtin.shutdownTimeout),
    admin: null,
    resolve: { nameservers: [], intervalMs: 0, timeoutMs: 5000 },
    log: {
      level: log?.level ?? builtin.logLevel,
      access: log?.access ?? builtin.logAccess,
      format: log?.format ?? builtin.logFormat,
    },
  };
}

function resolveFrontend(
  name: string,
  frontend: FrontendConfig,
  config: Config,
  machine: Machine,
): FrontendPlan {
  const timeout = { ...given(config.defaults?.timeout), ...given(frontend.timeout) };
  return {
    name,
    mode: "tcp",
    binds: frontend.bind.map((bind) => ({
      address: bindSocket(bind.address, machine),
      acceptProxy: bind.acceptProxy ?? builtin.acceptProxy,
    })),
    maxconn: frontend.maxconn ?? builtin.maxconn,
    backend: frontend.backend,
    tcpKeepaliveMs: frontend.tcpKeepalive ?? config.defaults?.tcpKeepalive ?? builtin.tcpKeepalive,
    timeout: {
      clientMs: timeout.client ?? builtinMs(builtin.timeout.client),
      clientFinMs: timeout.clientFin ?? builtinMs(builtin.timeout.clientFin),
      clientHsMs: timeout.clientHs ?? builtinMs(builtin.timeout.clientHs),
    },
  };
}

function resolveBackend(
  name: string,
  backend: BackendConfig,
  serverNames: readonly string[],
  config: Config,
): BackendPlan {
  const timeout = { ...given(config.defaults?.timeout), ...given(backend.timeout) };
  const { defaults } = config;
  return {
    name,
    balance: { policy: backend.balance ?? builtin.balance, key: null, boundedLoad: 0 },
    maxconn: 0,
    maxqueue: 0,
    allBackups: false,
    panicThreshold: 0,
    failover: [],
    recoveryDelayMs: 0,
    stick: null,
    outlier: null,
    servers: serverNames.flatMap((serverName) => {
      const server = backend.servers[serverName];
      return server ? [resolveServer(serverName, server, backend)] : [];
    }),
    retries: backend.retries ?? defaults?.retries ?? builtin.retries,
    redispatch: backend.redispatch ?? defaults?.redispatch ?? builtin.redispatch,
    tcpKeepaliveMs: backend.tcpKeepalive ?? defaults?.tcpKeepalive ?? builtin.tcpKeepalive,
    timeout: {
      connectMs: timeout.connect ?? builtinMs(builtin.timeout.connect),
      serverMs: timeout.server ?? builtinMs(builtin.timeout.server),
      tunnelMs: timeout.tunnel ?? impliedTunnelMs(name, timeout, config),
      queueMs: timeout.queue ?? builtinMs(builtin.timeout.queue),
    },
  };
}

function resolveServer(name: string, server: ServerConfig, backend: BackendConfig): ServerPlan {
  return {
    name,
    address: server.address,
    weight: server.weight ?? builtin.weight,
    sendProxy: proxyVersion(server.sendProxy ?? backend.sendProxy ?? builtin.sendProxy),
    maxconn: 0,
    maxqueue: 0,
    backup: false,
    disabled: false,
    slowstart: null,
    check: null,
    shutdownSessions: false,
  };
}

/**
 * Without a `tunnel` of its own, a session that someone gave `client` or `server` limits is ruled by
 * these, as in HAProxy without `timeout tunnel`: the hour must not silently replace them.
 */
function impliedTunnelMs(backend: string, timeout: DefaultsTimeoutConfig, config: Config): number {
  const limited =
    timeout.client !== undefined ||
    timeout.server !== undefined ||
    Object.values(config.frontends).some(
      (frontend) => frontend.backend === backend && frontend.timeout?.client !== undefined,
    );
  return limited ? 0 : builtinMs(builtin.timeout.tunnel);
}

/** `:80` is the IPv6 wildcard, which takes IPv4 too, except on a machine that has no IPv6. */
function bindSocket(address: BindAddress, machine: Machine): SocketAddress {
  if (address.family !== "any") return address;
  return machine.ipv6
    ? { family: "ipv6", host: "::", port: address.port }
    : { family: "ipv4", host: "0.0.0.0", port: address.port };
}

function proxyVersion(word: SendProxy): 0 | 1 | 2 {
  if (word === "off") return 0;
  return word === "v1" ? 1 : 2;
}

/** Without the keys that are there but undefined, which would hide an inherited value. */
function given(timeout: DefaultsTimeoutConfig | undefined): DefaultsTimeoutConfig {
  const entries = Object.entries(timeout ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

function builtinMs(text: string): number {
  const reading = parseDuration(text);
  if (!reading.ok) throw new Error(`built-in default: ${reading.message}`);
  return reading.value;
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
