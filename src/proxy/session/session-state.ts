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
  /** Of HTTP: between two requests, or while a head arrives. */
  idle: 5,
  /** Of HTTP: a request is being served. */
  exchange: 6,
} as const;
export type SessionState = (typeof SessionState)[keyof typeof SessionState];
