// The states of a session, in a file of their own because every phase reads them.

export const SessionState = {
  /** The PROXY protocol header is awaited. */
  handshake: 0,
  /** Waiting for the client's TLS hello. */
  inspecting: 1,
  /** Looking for a server: its Dispatch knows how far. */
  dispatching: 2,
  /** Both sides are connected. */
  established: 3,
  ended: 4,
} as const;
export type SessionState = (typeof SessionState)[keyof typeof SessionState];
