// The states of a session, in a file of their own because every phase reads them.

export const SessionState = {
  handshake: 0,
  connecting: 1,
  /** Between two connect attempts. */
  pausing: 2,
  tunnel: 3,
  ended: 4,
} as const;
export type SessionState = (typeof SessionState)[keyof typeof SessionState];
