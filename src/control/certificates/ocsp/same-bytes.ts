// Whether two arrays hold the same: what was read from one file twice. Those who keep OCSP responses ask.

/** False when there is no first one. */
export function sameBytes(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one === other || (one !== undefined && Buffer.compare(one, other) === 0);
}
