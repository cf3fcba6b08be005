// The random source of everything that balances: a seed decides all of it, so that a simulation,
// a failing test or an operator's question can be replayed. Not for secrets.

/** A stream of uniformly distributed 32-bit unsigned integers. */
export interface Random {
  next(): number;
}

/** xoshiro128** 1.1 (Blackman and Vigna, 2018): period 2^128 - 1, passes BigCrush. */
export class Xoshiro128 implements Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** The state must not be all zero: from there no other number ever comes. */
  constructor(a: number, b: number, c: number, d: number) {
    this.a = a | 0;
    this.b = b | 0;
    this.c = c | 0;
    this.d = d | 0;
  }

  next(): number {
    const product = Math.imul(this.b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result >>> 0;
  }
}

/** A generator whose state is spread from one 32-bit seed; equal seeds give equal streams. */
export function seededRandom(seed: number): Random {
  // splitmix32: a bijection of a counter, so of four successive states at most one is zero.
  let counter = seed | 0;
  const spread = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let z = counter;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  return new Xoshiro128(spread(), spread(), spread(), spread());
}

/** A whole number from 0 to below `limit` (at most 2^32); its bias is below limit / 2^32. */
export function randomBelow(random: Random, limit: number): number {
  return Math.floor((random.next() / 0x1_0000_0000) * limit);
}
