// Whether a server takes sessions, as the scoreboard keeps it: set by the control plane, read by all.

/** In `state` of a server. Zeroed memory says `down`: a fresh row gets no traffic by accident. */
export const ServerState = {
  down: 0,
  up: 1,
  /** Keeps its sessions and gets no new ones. */
  drain: 2,
  /** Taken out by an operator: no new sessions, and its checks rest. */
  maint: 3,
  /** Taken out for a time because real traffic failed on it (outlier detection). */
  ejected: 4,
} as const;
export type ServerState = (typeof ServerState)[keyof typeof ServerState];

/** Words for a ServerState. Index: the state. */
export const serverStateNames: readonly string[] = ["down", "up", "drain", "maint", "ejected"];
