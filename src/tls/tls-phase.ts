// How far a connection that speaks TLS has come.

export const TlsPhase = {
  /** Before TLS: what comes is the owner's as it is (the PROXY protocol). */
  clear: 0,
  /** To a server: there is no connection yet. */
  connecting: 1,
  /** The client's hello is being read. */
  hello: 2,
  /** Others' handshakes come first. */
  waiting: 3,
  handshake: 4,
  open: 5,
  closed: 6,
} as const;
export type TlsPhase = (typeof TlsPhase)[keyof typeof TlsPhase];
