// Copies bytes between buffers. The writers call it for whatever they take over unchanged.

// Below this a loop is cheaper than a native copy, and than a view and a native copy: docs/performance.md.
const withinLoopMax = 12;
const loopMax = 48;

/** Copies from[start..end) to `to` at `at`. Gives where it ends. There must be room. */
export function copyBytes(
  to: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start;
  // What was received and what is composed stand in one array as a rule: Reactor.scratch.
  if (length > withinLoopMax && to === from) to.copyWithin(at, start, end);
  else if (length > loopMax) to.set(from.subarray(start, end), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i] as number;
  return at + length;
}
