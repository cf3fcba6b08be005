// Parts of a plan that ask for nothing: no limits, no checks, no time runs out. A unit test puts its
// own words over them. Whole configurations are tested with tcp-config.ts.
import type { BackendPlan, FrontendPlan, GlobalPlan, ServerPlan } from "../../src/config/plan.ts";
import { resolveHttpBackend } from "../../src/config/resolve-http-backend.ts";

export const plainGlobal: GlobalPlan = {
  workers: 1,
  reactor: "epoll",
  shutdownTimeoutMs: 0,
  admin: null,
  resolve: { nameservers: [], intervalMs: 0, timeoutMs: 0 },
  tls: { maxHandshakes: 1000 },
  log: { level: "error", access: "off", format: "json" },
};

export const plainFrontend: Omit<FrontendPlan, "name" | "binds" | "backend"> = {
  mode: "tcp",
  maxconn: 0,
  tcpKeepaliveMs: 0,
  tcpRoutes: [],
  timeout: { clientMs: 0, clientFinMs: 0, clientHsMs: 0 },
  http: null,
};

export const plainServer: Omit<ServerPlan, "name"> = {
  address: { family: "ipv4", host: "127.0.0.1", port: 80 },
  weight: 1,
  sendProxy: 0,
  proxyTlvs: [],
  tls: null,
  maxconn: 0,
  maxqueue: 0,
  backup: false,
  disabled: false,
  slowstart: null,
  check: null,
  shutdownSessions: false,
};

export const plainBackend: Omit<BackendPlan, "name" | "servers"> = {
  balance: { policy: "roundrobin", key: null, boundedLoad: 0 },
  maxconn: 0,
  maxqueue: 0,
  allBackups: false,
  panicThreshold: 0,
  failover: [],
  recoveryDelayMs: 0,
  stick: null,
  outlier: null,
  retries: 0,
  redispatch: true,
  tcpKeepaliveMs: 0,
  timeout: { connectMs: 0, serverMs: 0, tunnelMs: 0, queueMs: 0 },
  http: resolveHttpBackend("back", { servers: {} }, {}, 0),
};
