// What holds when a configuration says nothing, written as an operator would write it, and the
// limits of its numbers. The schema documents these values, resolve.ts applies them. No imports.

/** Default of every key that has one. */
export const builtin = {
  workers: "auto",
  reactor: "auto",
  shutdownTimeout: "30s",
  adminBind: "127.0.0.1:9400",
  /** 0: as long as the answer says. */
  resolveInterval: 0,
  resolveTimeout: "5s",
  logLevel: "info",
  logAccess: "stdout",
  logFormat: "json",
  retries: 3,
  redispatch: true,
  tcpKeepalive: 0,
  acceptProxy: false,
  /** Handshakes of TLS at once, in each worker: they take CPU and memory from the sessions. */
  maxHandshakes: 1000,
  /** On binds. Session cache and timeout are HAProxy's, the rotation is Caddy's. */
  bindTls: {
    profile: "intermediate",
    strictSni: false,
    httpAlpn: ["http/1.1"],
    sessionTickets: true,
    ticketRotation: "12h",
    sessionCache: 20_000,
    sessionTimeout: "5m",
  },
  /** To servers. OpenSSL chooses the ciphers. */
  serverTls: { verify: true, minVersion: "TLSv1.2", maxVersion: "TLSv1.3" },
  hsts: { maxAge: "365d", includeSubdomains: false, preload: false },
  maxconn: 0,
  maxqueue: 0,
  balance: "roundrobin",
  hashMethod: "ring",
  allBackups: false,
  panicThreshold: 0,
  recoveryDelay: "10s",
  onMarkedDown: "keep",
  weight: 1,
  backup: false,
  disabled: false,
  sendProxy: "off",
  proxyVersion: "v2",
  /** Envoy's. */
  slowstart: { aggression: 1, minWeight: "10%" },
  stick: { expire: "30m", size: "100k" },
  /** HAProxy's, but GET where its httpchk sends OPTIONS, which many servers refuse. */
  check: {
    interval: "2s",
    rise: 2,
    fall: 3,
    initState: "up",
    method: "GET",
    path: "/",
    status: "200-399",
  },
  /** Envoy's, but for the sessions that say something: connections are fewer than its requests. */
  outlier: {
    consecutiveErrors: 5,
    minSessions: 20,
    interval: "10s",
    ejectFor: "30s",
    ejectForMax: "5m",
    maxEjectedPercent: "50%",
  },
  forwardedFor: false,
  requestId: "off",
  abortOnClose: true,
  /** HAProxy takes 16 KiB and 101 fields, nginx 32 KiB, Envoy 60 KiB and 100 fields. */
  limits: { headSize: "32KiB", headerCount: 100, uriLength: "8KiB", bodySize: 0 },
  /** What a route's body match holds back. */
  matchBody: "64KiB",
  redirectStatus: 302,
  /** Of a redirect to https: for good, and the method stays. */
  schemeStatus: 308,
  respondStatus: 200,
  contentType: "text/plain",
  errorContentType: "text/html",
  /** HAProxy's `conn-failure empty-response`; the budget is that of Envoy and of Linkerd. */
  retry: {
    on: ["connFailure", "emptyResponse"],
    perTryTimeout: 0,
    budget: "20%",
    budgetMin: 10,
    maxBody: "64KiB",
    nonIdempotent: false,
  },
  /** HAProxy's mode. Node, Apache and uvicorn close a connection that was idle for five seconds. */
  reuse: { mode: "safe", maxIdle: 100, idleTimeout: "4s", maxRequests: 0, maxAge: 0 },
  cookie: { mode: "insert", path: "/" },
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
/** Checks, or failures of sessions, in a row. */
export const streakMax = 1000;
/** Entries of a sticky table, 16M: its memory is taken at once. */
export const stickSizeMax = 16_777_216;
/** Sessions of TLS that are remembered. */
export const sessionCacheMax = 1_048_576;
/** RFC 8446 section 4.6.1: no session is resumed after seven days. */
export const sessionTimeoutMaxMs = 604_800_000;
/** What browsers may be told to remember: ten years. */
export const hstsAgeMaxMs = 315_360_000_000;
/** The lists for preloading take no shorter time (hstspreload.org). */
export const preloadAgeMinMs = 31_536_000_000;
/** HAProxy's characters for the names of frontends, backends and servers. */
export const namePattern = "^[A-Za-z0-9_.-]+$";
