// Where an exchange stands, from its request's head to its log line. Constants only. In this order: what
// is said of "before the response" compares them.

export const ExchangeState = {
  /** Not in use. */
  idle: 0,
  /** Its head is there. */
  routing: 1,
  /** Its body is held back: a route wants to see it. */
  gathering: 2,
  /** It looks for a server. */
  dispatching: 3,
  /** The request is with the server. */
  waiting: 4,
  /** The response is on its way to the client. */
  responding: 5,
  /** No HTTP any more: both sides say what they like. */
  tunnel: 6,
} as const;
export type ExchangeState = (typeof ExchangeState)[keyof typeof ExchangeState];
