// Hashes of what sessions are kept together by: MurmurHash3_x86_32 (Austin Appleby, public domain),
// known for its avalanche: one bit of a key moves half the bits of its hash. The data plane makes
// PickRequest.key with it, and hash methods hash server names. Not for secrets: who chooses the keys
// can make them collide.
const c1 = 0xcc9e2d51;
const c2 = 0x1b873593;
const encoder = new TextEncoder();

/** An unsigned 32-bit hash of `bytes` from `start` to below `end`. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number = 0): number {
  const length = end - start;
  const blocksEnd = end - (length & 3);
  let hash = seed | 0;
  let at = start;
  for (; at < blocksEnd; at += 4) {
    const block =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash = addBlock(hash, block);
  }
  if (at < end) {
    let tail = 0;
    for (let last = end - 1; last >= at; last--) tail = (tail << 8) | (bytes[last] as number);
    hash ^= scramble(tail);
  }
  return finish(hash ^ length) >>> 0;
}

/** The hash of an IPv4 address (its four bytes as a number, the first the highest). */
export function hashIpv4(address: number): number {
  // As hashBytes() of its bytes on the wire: whoever has bytes in hand gets the same.
  const block =
    (address >>> 24) |
    ((address >>> 8) & 0xff00) |
    ((address << 8) & 0xff_0000) |
    ((address & 0xff) << 24);
  return finish(addBlock(0, block) ^ 4) >>> 0;
}

/**
 * The hash of an IPv6 address: 16 bytes from `start`. An IPv4-mapped one (RFC 4291, 2.5.5.2) has
 * the hash of the IPv4 address, so a client has one key whichever kind of socket took it.
 */
export function hashIpv6(bytes: Uint8Array, start: number): number {
  return isMapped(bytes, start)
    ? hashBytes(bytes, start + 12, start + 16)
    : hashBytes(bytes, start, start + 16);
}

/** The hash of a server's name, in UTF-8; other seeds give hashes that do not depend on this one. */
export function nameHash(name: string, seed: number = 0): number {
  const bytes = encoder.encode(name);
  return hashBytes(bytes, 0, bytes.length, seed);
}

/** A permutation of the 32-bit numbers in which each bit depends on all: signed, for hot loops. */
export function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function addBlock(hash: number, block: number): number {
  const mixed = hash ^ scramble(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function scramble(block: number): number {
  const product = Math.imul(block, c1);
  return Math.imul((product << 15) | (product >>> 17), c2);
}

function isMapped(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[start + i] !== 0) return false;
  return bytes[start + 10] === 0xff && bytes[start + 11] === 0xff;
}
