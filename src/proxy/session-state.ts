// The states of a session, in a file of their own because every phase reads them.

export const SessionState = {
  handshake: 0,
  connecting: 1,
  /** Between two connect attempts. */
  pausing: 2,
  /** Waiting for a place on a server. */
  queued: 3,
  tunnel: 4,
  ended: 5,
} as const;
export type SessionState = (typeof SessionState)[keyof typeof SessionState];
