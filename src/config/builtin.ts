// What holds when a configuration says nothing, written as an operator would write it, and the
// limits of its numbers. The schema documents these values, resolve.ts applies them. No imports.

/** Default of every key that has one. */
export const builtin = {
  workers: "auto",
  reactor: "auto",
  shutdownTimeout: "30s",
  logLevel: "info",
  logAccess: "stdout",
  logFormat: "json",
  retries: 3,
  redispatch: true,
  tcpKeepalive: 0,
  acceptProxy: false,
  maxconn: 0,
  balance: "roundrobin",
  weight: 1,
  sendProxy: "off",
  timeout: {
    connect: "5s",
    client: "50s",
    server: "50s",
    queue: "5s",
    httpRequest: "10s",
    httpKeepAlive: "60s",
    tunnel: "1h",
    clientFin: "30s",
    clientHs: "10s",
  },
} as const;

export const workersMax = 256;
export const retriesMax = 100;
export const maxconnMax = 10_000_000;
/** HAProxy's range. */
export const weightMax = 256;
/** HAProxy's characters for the names of frontends, backends and servers. */
export const namePattern = "^[A-Za-z0-9_.-]+$";
