// What was found out about a request's persistence cookie, and what was done about it in the response:
// the third and fourth letter of HAProxy's termination state. The exchange keeps one of these objects
// from the request to the response.

/** Of the request. */
export const RequestCookieState = {
  /** No cookie is configured. */
  off: "-",
  none: "N",
  /** It names no server. */
  invalid: "I",
  /** It names a server that is not usable: found out by Persistence.follow(). */
  down: "D",
  valid: "V",
  /** Last seen longer ago than `maxIdle` admits. */
  expired: "E",
  /** First given longer ago than `maxLife` admits. */
  old: "O",
  /** It was not asked, because something else chose the server; set by who chose. */
  unused: "U",
} as const;
export type RequestCookieState = (typeof RequestCookieState)[keyof typeof RequestCookieState];

/** Of the response. */
export const ResponseCookieState = {
  off: "-",
  /** Neither came one from the server nor did we send one. */
  none: "N",
  inserted: "I",
  /** The client's was right, its dates were not. */
  updated: "U",
  /** The server's went through as it was. */
  provided: "P",
  /** The server's, with our value in it. */
  rewritten: "R",
  /** The server's was taken away, and none sent instead. */
  deleted: "D",
} as const;
export type ResponseCookieState = (typeof ResponseCookieState)[keyof typeof ResponseCookieState];

export class CookieFinding {
  state: RequestCookieState;
  /** Index of the first server that the cookie stands for; -1: none. */
  server: number;
  /** When it was last, and first, given to the client: seconds since the epoch; 0: it does not say. */
  lastS: number;
  firstS: number;

  constructor() {
    this.state = RequestCookieState.off;
    this.server = -1;
    this.lastS = 0;
    this.firstS = 0;
  }

  clear(state: RequestCookieState): void {
    this.state = state;
    this.server = -1;
    this.lastS = 0;
    this.firstS = 0;
  }
}
