// How a message's body is told apart from what follows it (RFC 9112 section 6.3). HTTP/2 has lengths
// of its own: there `length` is what content-length says, and `chunked` a body without it.

export const BodyKind = {
  none: 0,
  /** `content-length` bytes. */
  length: 1,
  chunked: 2,
  /** All until the server closes: responses only. */
  untilClose: 3,
} as const;
export type BodyKind = (typeof BodyKind)[keyof typeof BodyKind];
