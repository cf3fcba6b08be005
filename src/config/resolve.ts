// A valid configuration to a plan: inheritance, built-in defaults, and what depends on the machine.
// load.ts calls it; it finds no mistakes.
import type { SocketAddress } from "./address.ts";
import { type BindAddress, parseBindAddress } from "./address-syntax.ts";
import { builtin } from "./builtin.ts";
import type { Config, FrontendConfig, GlobalConfig } from "./config.ts";
import { builtinMs, builtinValue, given } from "./inherited.ts";
import type { Machine } from "./machine.ts";
import type { AdminPlan, FrontendPlan, GlobalPlan, Plan } from "./plan.ts";
import type { PageFiles } from "./page-files.ts";
import { resolveBackend } from "./resolve-backend.ts";
import { resolveBindTls } from "./resolve-bind-tls.ts";
import { resolveHttpFrontend } from "./resolve-http-frontend.ts";
import { resolveTcpRoute } from "./resolve-route.ts";
import { entriesAt, type TreeNode } from "./tree.ts";

/**
 * The plan of `config`, deeply frozen. `root` is the tree it was read from: it knows the order;
 * `files` has what it names.
 */
export function resolvePlan(
  source: string,
  config: Config,
  root: TreeNode,
  machine: Machine,
  files: PageFiles,
): Plan {
  const frontendNames = [...entriesAt(root, ["frontends"]).keys()];
  const backendNames = [...entriesAt(root, ["backends"]).keys()];
  const plan: Plan = {
    source,
    global: resolveGlobal(config, machine),
    frontends: frontendNames.flatMap((name) => {
      const frontend = config.frontends[name];
      return frontend ? [resolveFrontend(name, frontend, config, machine, files)] : [];
    }),
    backends: backendNames.flatMap((name) => {
      const backend = config.backends[name];
      const servers = [...entriesAt(root, ["backends", name, "servers"]).keys()];
      return backend ? [resolveBackend(name, backend, servers, config, files)] : [];
    }),
  };
  return freeze(plan);
}

function resolveGlobal(config: Config, machine: Machine): GlobalPlan {
  const { workers = builtin.workers, reactor, shutdownTimeout, log } = config.global ?? {};
  const { nameservers, interval, timeout } = config.global?.resolve ?? {};
  return {
    workers: workers === "auto" ? machine.cpus : workers,
    reactor: reactor ?? builtin.reactor,
    shutdownTimeoutMs: shutdownTimeout ?? builtinMs(builtin.shutdownTimeout),
    admin: resolveAdmin(config.global ?? {}, machine),
    resolve: {
      nameservers: nameservers ?? [],
      intervalMs: interval ?? builtin.resolveInterval,
      timeoutMs: timeout ?? builtinMs(builtin.resolveTimeout),
    },
    tls: { maxHandshakes: config.global?.tls?.maxHandshakes ?? builtin.maxHandshakes },
    log: {
      level: log?.level ?? builtin.logLevel,
      access: log?.access ?? builtin.logAccess,
      format: log?.format ?? builtin.logFormat,
    },
  };
}

function resolveAdmin({ admin }: GlobalConfig, machine: Machine): AdminPlan | null {
  if (admin === false) return null;
  const address = admin?.bind ?? builtinValue(parseBindAddress(builtin.adminBind));
  return {
    address: bindSocket(address, machine),
    token: admin?.token ?? "",
    required: admin !== undefined,
  };
}

function resolveFrontend(
  name: string,
  frontend: FrontendConfig,
  config: Config,
  machine: Machine,
  files: PageFiles,
): FrontendPlan {
  const { defaults = {} } = config;
  const isHttp = (frontend.mode ?? defaults.mode) === "http";
  const timeout = { ...given(defaults.timeout), ...given(frontend.timeout) };
  return {
    name,
    mode: isHttp ? "http" : "tcp",
    binds: frontend.bind.map((bind) => ({
      address: bindSocket(bind.address, machine),
      acceptProxy: bind.acceptProxy ?? builtin.acceptProxy,
      tls: bind.tls ? resolveBindTls(bind.tls, isHttp, files) : null,
    })),
    maxconn: frontend.maxconn ?? builtin.maxconn,
    tcpRoutes: isHttp
      ? []
      : (frontend.routes ?? []).map((route, i) => resolveTcpRoute(route, i + 1)),
    backend: isHttp ? "" : (Object.keys(frontend.backend ?? {})[0] ?? ""),
    tcpKeepaliveMs: frontend.tcpKeepalive ?? defaults.tcpKeepalive ?? builtin.tcpKeepalive,
    timeout: {
      clientMs: timeout.client ?? builtinMs(builtin.timeout.client),
      clientFinMs: timeout.clientFin ?? builtinMs(builtin.timeout.clientFin),
      clientHsMs: timeout.clientHs ?? builtinMs(builtin.timeout.clientHs),
    },
    http: isHttp ? resolveHttpFrontend(frontend, defaults, files) : null,
  };
}

/** `:80` is the IPv6 wildcard, which takes IPv4 too, except on a machine that has no IPv6. */
function bindSocket(address: BindAddress, machine: Machine): SocketAddress {
  if (address.family !== "any") return address;
  return machine.ipv6
    ? { family: "ipv6", host: "::", port: address.port }
    : { family: "ipv4", host: "0.0.0.0", port: address.port };
}

function freeze<T>(value: T): T {
  // The bytes of a check cannot be frozen.
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
