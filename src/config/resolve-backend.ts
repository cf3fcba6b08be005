// A backend of a valid configuration, with its servers, to its part of the plan. resolve.ts calls it;
// it finds no mistakes.
import { builtin, stickSizeMax } from "./builtin.ts";
import type {
  BackendConfig,
  BalanceConfig,
  Config,
  DefaultsTimeoutConfig,
  FrontendConfig,
  OutlierConfig,
  ServerConfig,
  SlowstartConfig,
  StickConfig,
} from "./config.ts";
import { builtinMs, builtinValue, given } from "./inherited.ts";
import type {
  BackendPlan,
  BackendTimeouts,
  BalancePlan,
  OutlierPlan,
  ServerPlan,
  SlowstartPlan,
  StickPlan,
} from "./plan.ts";
import type { PageFiles } from "./page-files.ts";
import { parseBigCount, parsePercent } from "./quantities.ts";
import { proxyVersion, resolveCheck } from "./resolve-check.ts";
import { resolveHttpBackend } from "./resolve-http-backend.ts";
import { resolveServerTls } from "./resolve-server-tls.ts";

/** `serverNames` are in the order of the file; `files` knows where those are that it names. */
export function resolveBackend(
  name: string,
  backend: BackendConfig,
  serverNames: readonly string[],
  config: Config,
  files: PageFiles,
): BackendPlan {
  const { defaults } = config;
  const retries = backend.retries ?? defaults?.retries ?? builtin.retries;
  return {
    name,
    balance: resolveBalance(backend.balance),
    servers: serverNames.flatMap((serverName) => {
      const server = backend.servers[serverName];
      return server ? [resolveServer(serverName, server, backend, files)] : [];
    }),
    maxconn: backend.maxconn ?? builtin.maxconn,
    maxqueue: backend.maxqueue ?? builtin.maxqueue,
    allBackups: backend.allBackups ?? builtin.allBackups,
    panicThreshold: backend.panicThreshold ?? builtin.panicThreshold,
    failover: backend.failover ?? [],
    recoveryDelayMs: backend.recoveryDelay ?? builtinMs(builtin.recoveryDelay),
    stick: backend.stick ? resolveStick(backend.stick) : null,
    outlier: resolveOutlier(backend.outlier),
    retries,
    redispatch: backend.redispatch ?? defaults?.redispatch ?? builtin.redispatch,
    tcpKeepaliveMs: backend.tcpKeepalive ?? defaults?.tcpKeepalive ?? builtin.tcpKeepalive,
    timeout: resolveTimeouts(name, backend, config),
    http: resolveHttpBackend(name, backend, defaults ?? {}, retries),
  };
}

function resolveServer(
  name: string,
  server: ServerConfig,
  backend: BackendConfig,
  files: PageFiles,
): ServerPlan {
  const proxy = server.sendProxy ?? backend.sendProxy ?? { version: builtin.sendProxy };
  const onMarkedDown = server.onMarkedDown ?? backend.onMarkedDown ?? builtin.onMarkedDown;
  return {
    name,
    address: server.address,
    weight: server.weight ?? builtin.weight,
    sendProxy: proxyVersion(proxy.version ?? builtin.proxyVersion),
    proxyTlvs: [...new Set(proxy.tlvs)],
    tls: resolveServerTls([backend.tls, server.tls], server.address, files),
    maxconn: server.maxconn ?? builtin.maxconn,
    maxqueue: server.maxqueue ?? builtin.maxqueue,
    backup: server.backup ?? builtin.backup,
    disabled: server.disabled ?? builtin.disabled,
    slowstart: resolveSlowstart(server.slowstart ?? backend.slowstart),
    check: resolveCheck(server, backend, files),
    shutdownSessions: onMarkedDown === "shutdownSessions",
  };
}

function resolveBalance(balance: BalanceConfig = { policy: builtin.balance }): BalancePlan {
  if ("policy" in balance) return { policy: balance.policy, key: null, boundedLoad: 0 };
  return {
    policy: balance.method ?? builtin.hashMethod,
    key: balance.hash,
    boundedLoad: balance.boundedLoad ?? 0,
  };
}

function resolveStick({ on, expire, size }: StickConfig): StickPlan {
  return {
    key: on,
    expireMs: expire ?? builtinMs(builtin.stick.expire),
    size: size ?? builtinValue(parseBigCount(builtin.stick.size, 1, stickSizeMax)),
  };
}

/** Of the three grounds for an ejection only those count that are written, else the first. */
function resolveOutlier(setting: OutlierConfig | boolean | undefined): OutlierPlan | null {
  if (setting === undefined || setting === false) return null;
  const outlier: OutlierConfig = setting === true ? {} : setting;
  const { consecutiveErrors, errorRate, latencyFactor } = outlier;
  const preset = builtin.outlier;
  const silent = errorRate === undefined && latencyFactor === undefined;
  return {
    consecutiveErrors: consecutiveErrors ?? (silent ? preset.consecutiveErrors : 0),
    errorRate: errorRate ?? 0,
    latencyFactor: latencyFactor ?? 0,
    minSessions: outlier.minSessions ?? preset.minSessions,
    intervalMs: outlier.interval ?? builtinMs(preset.interval),
    ejectForMs: outlier.ejectFor ?? builtinMs(preset.ejectFor),
    ejectForMaxMs: outlier.ejectForMax ?? builtinMs(preset.ejectForMax),
    maxEjectedPercent:
      outlier.maxEjectedPercent ?? builtinValue(parsePercent(preset.maxEjectedPercent, 0)),
  };
}

function resolveSlowstart(slowstart: SlowstartConfig | undefined): SlowstartPlan | null {
  if (slowstart === undefined || slowstart.window === 0) return null;
  return {
    windowMs: slowstart.window,
    aggression: slowstart.aggression ?? builtin.slowstart.aggression,
    minPercent: slowstart.minWeight ?? builtinValue(parsePercent(builtin.slowstart.minWeight, 0)),
  };
}

function resolveTimeouts(name: string, backend: BackendConfig, config: Config): BackendTimeouts {
  const timeout: DefaultsTimeoutConfig = {
    ...given(config.defaults?.timeout),
    ...given(backend.timeout),
  };
  return {
    connectMs: timeout.connect ?? builtinMs(builtin.timeout.connect),
    serverMs: timeout.server ?? builtinMs(builtin.timeout.server),
    tunnelMs: timeout.tunnel ?? impliedTunnelMs(name, timeout, config),
    queueMs: timeout.queue ?? builtinMs(builtin.timeout.queue),
  };
}

/** The backend that a failover is to may have sessions of every frontend of the one that fails over. */
function takesSessionsOf(frontend: FrontendConfig, backend: string, config: Config): boolean {
  const seen = new Set<string>();
  const choices = [frontend.backend, ...(frontend.routes ?? []).map((route) => route.backend)];
  const open = choices.flatMap((weights) => Object.keys(weights ?? {}));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === backend) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(config.backends[name]?.failover ?? []));
  }
  return false;
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
      (frontend) =>
        frontend.timeout?.client !== undefined && takesSessionsOf(frontend, backend, config),
    );
  return limited ? 0 : builtinMs(builtin.timeout.tunnel);
}
