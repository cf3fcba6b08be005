// Why connections fail: one word for each, whatever the system calls it. Part of the interface of
// reactor.ts, which gives it to everybody.

/** Why a connection ended that nobody here asked to end; also why a listener or connect failed. */
export const Reason = {
  /** The peer reset an established connection (ECONNRESET, EPIPE). */
  reset: 1,
  /** Nobody listens there (ECONNREFUSED; ENOENT for a unix socket). */
  refused: 2,
  /** No route (ENETUNREACH, EHOSTUNREACH, EACCES of a firewall). */
  unreachable: 3,
  /** The kernel gave up waiting (ETIMEDOUT). */
  timedOut: 4,
  /** This process or system has no descriptor or buffer left (EMFILE, ENFILE, ENOBUFS, ENOMEM). */
  exhausted: 5,
  /** No local port is left towards that address (EADDRNOTAVAIL), or a listener's is in use. */
  addressInUse: 6,
  /** A handler threw; reported through onHandlerError too. */
  handlerError: 7,
  /** Anything else; the error message names it. */
  other: 8,
  /** TLS could not be agreed on, or its rules were broken; the connection's `problem` says how. */
  tls: 9,
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];

/** Words for a Reason, for logs. Index: the reason. */
export const reasonNames: readonly string[] = [
  "none",
  "reset",
  "refused",
  "unreachable",
  "timed out",
  "out of descriptors or buffers",
  "address in use",
  "internal error",
  "failed",
  "TLS failed",
];
