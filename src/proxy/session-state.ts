// The states of a session, in a file of their own because every phase reads them.

export const SessionState = {
  handshake: 0,
  /** Waiting for the client's TLS hello. */
  inspecting: 1,
  connecting: 2,
  /** Between two connect attempts. */
  pausing: 3,
  /** Waiting for a place on a server. */
  queued: 4,
  tunnel: 5,
  ended: 6,
} as const;
export type SessionState = (typeof SessionState)[keyof typeof SessionState];
