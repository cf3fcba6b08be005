// How a server is checked: what it says itself over what its backend says over the built-in defaults.
// resolve-backend.ts calls it; it finds no mistakes.
import { builtin } from "./builtin.ts";
import type { CheckConfig, HttpCheckConfig } from "./check-config.ts";
import type { CheckPlan, HttpProbe } from "./check-plan.ts";
import { parseStatus } from "./check-values.ts";
import type { BackendConfig, SendProxy, ServerConfig } from "./config.ts";
import { builtinMs, builtinValue, given } from "./inherited.ts";
import type { PageFiles } from "./page-files.ts";
import { resolveServerTls } from "./resolve-server-tls.ts";
import type { ServerTlsPlan } from "./tls-plan.ts";

const preset = builtin.check;

/** Null: not checked. */
export function resolveCheck(
  server: ServerConfig,
  backend: BackendConfig,
  files: PageFiles,
): CheckPlan | null {
  const own = server.check ?? backend.check ?? false;
  if (own === false) return null;
  const check = merged(keysOf(backend.check), keysOf(server.check));
  const intervalMs = check.interval ?? builtinMs(preset.interval);
  return {
    probe: resolveProbe(check),
    intervalMs,
    fastIntervalMs: check.fastInterval ?? intervalMs,
    downIntervalMs: check.downInterval ?? intervalMs,
    timeoutMs: check.timeout ?? intervalMs,
    rise: check.rise ?? preset.rise,
    fall: check.fall ?? preset.fall,
    address: check.address ?? null,
    port: check.port ?? 0,
    sendProxy: proxyVersion(checkProxy(check, server, backend)),
    tls: checkTls(check, server, backend, files),
    initState: check.initState ?? preset.initState,
  };
}

function keysOf(check: CheckConfig | boolean | undefined): CheckConfig {
  return typeof check === "object" ? check : {};
}

/** Key by key; of the three probes the server's replaces the backend's, whichever that is. */
function merged(backend: CheckConfig, server: CheckConfig): CheckConfig {
  const { tcp, http, exec, ...common } = backend;
  const hasProbe = server.tcp ?? server.http ?? server.exec;
  return { ...common, ...(hasProbe ? {} : { tcp, http, exec }), ...given(server) };
}

function resolveProbe({ tcp, http, exec }: CheckConfig): CheckPlan["probe"] {
  if (exec) return { kind: "exec", command: exec.command };
  if (http) return resolveHttp(http);
  return { kind: "tcp", steps: tcp ?? [] };
}

function resolveHttp(http: HttpCheckConfig): HttpProbe {
  return {
    kind: "http",
    method: http.method ?? preset.method,
    path: http.path ?? preset.path,
    host: http.host ?? "",
    headers: http.headers ?? {},
    statuses: http.status ?? [builtinValue(parseStatus(preset.status))],
    body: http.body ?? null,
  };
}

/** As in HAProxy: what is checked at another place is probably not what expects the header. */
function checkProxy(check: CheckConfig, server: ServerConfig, backend: BackendConfig): SendProxy {
  if (check.sendProxy !== undefined) return check.sendProxy;
  if (check.address !== undefined || check.port !== undefined) return "off";
  const traffic = server.sendProxy ?? backend.sendProxy;
  return traffic ? (traffic.version ?? builtin.proxyVersion) : builtin.sendProxy;
}

/** The same holds of TLS. */
function checkTls(
  check: CheckConfig,
  server: ServerConfig,
  backend: BackendConfig,
  files: PageFiles,
): ServerTlsPlan | null {
  const elsewhere = check.address !== undefined || check.port !== undefined;
  if (check.exec || (check.tls === undefined && elsewhere)) return null;
  const own = [keysOf(backend.check).tls, keysOf(server.check).tls];
  return resolveServerTls(
    [backend.tls, server.tls, ...own],
    check.address ?? server.address,
    files,
  );
}

export function proxyVersion(word: SendProxy): 0 | 1 | 2 {
  if (word === "off") return 0;
  return word === "v1" ? 1 : 2;
}
