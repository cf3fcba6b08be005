// What the scoreboard holds: four tables, described once. Everything else about its memory (cell
// numbers, offsets, readers, writers, snapshots) is derived from these descriptions, so a new field
// is one documented line here. Everybody may import this file; it touches no memory itself.
//
// Four kinds of fields:
// - shared:  one Int32 cell a row, read and written by all threads with Atomics.
// - gauge:   goes up and down. One Int32 cell a row for the total, and each worker's own share
//            beside it, so that the share of a worker that died can be taken back.
// - counter: only grows. One Float64 a row and worker, written by that worker alone, summed when
//            read: exact up to 2^53, and counting costs no atomic.
// - mark:    one Float64 a row and worker, set by that worker alone: a moment or 0. Readers want
//            the earliest of all workers.
// "in" is from client to server, "out" from server to client, as in HAProxy's statistics.

export type Kind = "shared" | "gauge" | "counter" | "mark";

/** One row a server of a backend. */
export const serverTable = {
  /** A ServerState, set by the control plane: what checks and operators say of it. */
  state: "shared",
  /**
   * Its weight in force, in hundredths (weightUnit), slow start included: only the ratio to its
   * peers' counts. 0 gets no new sessions.
   */
  weight: "shared",
  /** Peak-EWMA of its response time in microseconds (connect time in tcp mode); 0: not known. */
  latencyUs: "shared",
  /** When that was last fed: monotonic milliseconds, the low 31 bits. */
  latencyAtMs: "shared",
  /** Failures in a row, over all workers, since its last success. */
  errors: "shared",
  /** Times that `errors` has reached the backend's outlier limit. The control plane looks here. */
  trips: "shared",
  /** Sessions on it, from the moment it was picked (so also connecting ones) to their end. */
  active: "gauge",
  /** Sessions that wait for it alone because its maxconn is reached. Not counted in `active`. */
  queued: "gauge",
  /** Since when this worker's oldest of those waits: monotonic milliseconds; 0: nobody waits. */
  queueHead: "mark",
  /** Sessions established with it. */
  sessions: "counter",
  /** Bytes from clients that were handed to it. */
  bytesIn: "counter",
  /** Bytes from it that were handed to clients. */
  bytesOut: "counter",
  /** Connects begun, repeated ones included. */
  connects: "counter",
  /** Connects that it refused or reset, or that found no route. */
  connectFailures: "counter",
  /** Connects that it did not answer within the connect timeout. */
  connectTimeouts: "counter",
  /** Connects tried once more with this same server after one had failed. */
  retries: "counter",
  /** Sessions taken away from it after a failed connect and given to another server. */
  redispatches: "counter",
  /** Sessions that the client broke off (C: reset, or gone while connecting). */
  clientAborts: "counter",
  /** Sessions that the server broke off (S: reset after they were established). */
  serverAborts: "counter",
  /** Of these, sessions that it broke off before it had sent a byte. */
  earlyAborts: "counter",
  /** Sessions ended because the client was silent too long (c). */
  clientTimeouts: "counter",
  /** Sessions ended because the server was silent too long (s). */
  serverTimeouts: "counter",
  /** Responses of it in http mode, by the first digit of their status. */
  http2xx: "counter",
  http3xx: "counter",
  http4xx: "counter",
  http5xx: "counter",
  /** Requests that went over a connection which had carried others. */
  reuses: "counter",
  /** Of these, sent again on a fresh connection because that one was dead. */
  replays: "counter",
  /** Sessions ended because it was found down and was not to keep them (D). */
  shutdowns: "counter",
  /** Milliseconds that its established connects took, summed: over `sessions`, the mean. */
  connectMs: "counter",
  /** Milliseconds that its ended sessions lasted, summed. */
  sessionMs: "counter",
} as const;

/** One row a backend. */
export const backendTable = {
  /** The balancing policy's place in its round. Moved by every pick of every worker. */
  cursor: "shared",
  /** Moved by the control plane after any change of its servers' states or weights. */
  version: "shared",
  /** 1 while it may be used: some server is usable, and has been for the recovery delay. */
  available: "shared",
  /** Which half of its hash table is in force (0 or 1); written before `version`. */
  tableSlot: "shared",
  /** Sessions that this backend was chosen for and that have not ended. */
  active: "gauge",
  /** Sessions that have a place on one of its servers: what the backend's maxconn limits. */
  placed: "gauge",
  /** Sessions that wait for any of its servers. */
  queued: "gauge",
  /** Sessions that wait for one of its servers alone: the sum of their `queued`. */
  bound: "gauge",
  /** Since when this worker's oldest of those waits: monotonic milliseconds; 0: nobody waits. */
  queueHead: "mark",
  /** Sessions that had to wait, for a server or for any. */
  waits: "counter",
  /** Sessions that waited longer than timeout.queue (sQ). */
  queueTimeouts: "counter",
  /** Sessions refused because its queue was full (PQ). */
  queueFull: "counter",
  /** Milliseconds that sessions waited, summed. */
  queueMs: "counter",
  /** Sessions that came from a backend that named this one in its failover. */
  failovers: "counter",
  /** Sessions that a sticky table led to their server. */
  stickHits: "counter",
  /** Sessions that it was chosen for. */
  sessions: "counter",
  /** Bytes from clients that were handed to its servers. */
  bytesIn: "counter",
  /** Bytes from its servers that were handed to clients. */
  bytesOut: "counter",
  /** Sessions that ended because no connect succeeded within all attempts (SC, sC). */
  connectFailures: "counter",
  /** Connects, not sessions, that ran into the connect timeout. */
  connectTimeouts: "counter",
  /** Connects tried once more with the same server. */
  retries: "counter",
  /** Sessions given to another server after a failed connect. */
  redispatches: "counter",
  /** Sessions that found no usable server to try (SC with no server's name). */
  noServer: "counter",
  /** Sessions that the client broke off, also before a server was connected (C). */
  clientAborts: "counter",
  /** Sessions that a server broke off after they were established (S). */
  serverAborts: "counter",
  /** Sessions ended because the client was silent too long (c). */
  clientTimeouts: "counter",
  /** Sessions ended because a server was silent too long (s). */
  serverTimeouts: "counter",
  /** Responses in http mode, by the first digit of their status. */
  http2xx: "counter",
  http3xx: "counter",
  http4xx: "counter",
  http5xx: "counter",
  /** Requests sent once more because of what became of the first time (`retry`). */
  httpRetries: "counter",
  /** Sessions ended because their server was found down and was not to keep them (D). */
  shutdowns: "counter",
  /** Milliseconds that established connects took, summed. */
  connectMs: "counter",
  /** Milliseconds that ended sessions lasted, summed. */
  sessionMs: "counter",
} as const;

/** One row a frontend. */
export const frontendTable = {
  /** Sessions open now, over all its binds and all workers: what maxconn limits. */
  active: "gauge",
  /**
   * Workers that paused accepting at maxconn. Who pauses adds itself first and looks at `active`
   * once more after; who ends a session takes it from `active` first and looks here after: so one
   * of the two always sees the other. Each worker's share (0 or 1) tells whom to wake.
   */
  waiting: "gauge",
  /** Connections accepted. */
  sessions: "counter",
  /** Bytes from its clients, PROXY protocol headers excepted, handed to servers. */
  bytesIn: "counter",
  /** Bytes handed to its clients. */
  bytesOut: "counter",
  /** Connections closed for a bad PROXY protocol header (PR). */
  denied: "counter",
  /** TLS handshakes with clients that were completed; of these: with a session, by version, with a certificate. */
  handshakes: "counter",
  resumptions: "counter",
  tls13: "counter",
  tls12: "counter",
  tlsOlder: "counter",
  clientCertificates: "counter",
  /** TLS handshakes that failed or were not completed in time. */
  handshakeFailures: "counter",
  /** Sessions that the client broke off (C). */
  clientAborts: "counter",
  /** Sessions that ended for the server's sake: broken off, or none could be connected (S). */
  serverAborts: "counter",
  /** Silent clients (c), also those that never completed their PROXY protocol header. */
  clientTimeouts: "counter",
  /** Sessions ended because the server was silent too long, connects included (s). */
  serverTimeouts: "counter",
  /** Sessions ended because their server was found down and was not to keep them (D). */
  shutdowns: "counter",
  /** Times that accepting paused for want of descriptors or memory. */
  exhausted: "counter",
  /** Sessions ended for want of descriptors, ports or memory (R). */
  resourceErrors: "counter",
  /** Sessions ended by an exception in our own code (I). */
  handlerErrors: "counter",
  /** Sessions cut by an operator or by the end of the shutdown's patience (K). */
  killed: "counter",
  /** Requests in http mode, and what came and was none. */
  requests: "counter",
  badRequests: "counter",
  /** Responses to them, ours included, by the first digit of their status. */
  http2xx: "counter",
  http3xx: "counter",
  http4xx: "counter",
  http5xx: "counter",
  /** Milliseconds that ended sessions lasted, summed. */
  sessionMs: "counter",
} as const;

/** One single row, in which each worker has its own column: read it with `column()`. */
export const workerTable = {
  /** Sessions open now, over all frontends and workers: what the descriptors limit. */
  active: "gauge",
  /** Workers that paused accepting because the process is full, as in a frontend's `waiting`. */
  waiting: "gauge",
  /** Connections that speak TLS, with clients and with servers: objects of OpenSSL's not yet freed. */
  tlsConnections: "gauge",
  /** Bytes of access log lines that workers have shipped and the control plane has not taken. */
  logPendingBytes: "shared",
  /** How often workers have asked each other to give up idle connections to servers. */
  shedding: "shared",
  /** Turns of its event loop. */
  turns: "counter",
  /** Connections that it accepted. */
  sessions: "counter",
  /** Exceptions caught: each ended one session and nothing else. */
  errors: "counter",
  /** Access log lines given up because the log could not take them. */
  logLinesDropped: "counter",
} as const;

/** All tables by name. */
export interface Tables {
  readonly server: typeof serverTable;
  readonly backend: typeof backendTable;
  readonly frontend: typeof frontendTable;
  readonly worker: typeof workerTable;
}
export type TableName = keyof Tables;

export const tables: Tables = {
  server: serverTable,
  backend: backendTable,
  frontend: frontendTable,
  worker: workerTable,
};

/** Hundredths: what a weight of 1 is in a server's `weight`. */
export const weightUnit = 100;
