// Where a dispatch stands between the wish for a server and the server, and how an attempt begins.
// Constants only: what moves a dispatch from one to the next is placing.ts, connecting.ts and queues.ts.

export const DispatchState = {
  /** Nobody has asked for a server yet, or it is over. */
  idle: 0,
  connecting: 1,
  /** Between two attempts. */
  pausing: 2,
  /** Waiting for a place on a server. */
  queued: 3,
  /** A server has it. */
  connected: 4,
} as const;
export type DispatchState = (typeof DispatchState)[keyof typeof DispatchState];

/** How an attempt to reach a server began. */
export const Began = {
  /** Its handshake is under way: connected() or connectFailed() follows. */
  connecting: 0,
  /** It goes over a connection that was there: connected() has been called. */
  connected: 1,
} as const;
export type Began = (typeof Began)[keyof typeof Began];
