// What a Router answers beside the index of a route. All below zero.
export const Routing = {
  /** No route holds. */
  none: -1,
  /** A route that may win asks for the body: hold it back, then ask `matchBody`. */
  needsBody: -2,
  /** The path means different things to different servers: 400. See path-view.ts. */
  refused: -3,
} as const;
