// HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
// 2012, and the 32-bit variant beside its reference code): who does not know the seed cannot make keys
// that meet in one place. SNI and IPv6 addresses are the client's to choose, so this matters. Stick
// keys are hashed with it; it must not be taken for a cryptographic hash of anything secret.

/** A 64-bit seed as two 32-bit halves. */
export interface HashSeed {
  readonly low: number;
  readonly high: number;
}

export class KeyedHash {
  /** The last sum: two signed 32-bit halves. */
  low: number;
  high: number;
  private readonly seedLow: number;
  private readonly seedHigh: number;
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: HashSeed) {
    this.low = 0;
    this.high = 0;
    this.seedLow = seed.low | 0;
    this.seedHigh = seed.high | 0;
    this.a = 0;
    this.b = 0;
    this.c = 0;
    this.d = 0;
  }

  /** Sums `bytes[0..length)` into `low` and `high`. */
  sum(bytes: Uint8Array, length: number): void {
    this.a = this.seedLow;
    this.b = this.seedHigh ^ 0xee;
    this.c = this.seedLow ^ 0x6c79_6765;
    this.d = this.seedHigh ^ 0x7465_6462;
    const whole = length & ~3;
    for (let at = 0; at < whole; at += 4) {
      this.take(byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | lastTwo(bytes, at + 2));
    }
    let last = length << 24;
    for (let at = whole; at < length; at++) last |= byteAt(bytes, at) << (8 * (at - whole));
    this.take(last);
    this.c ^= 0xee;
    this.rounds(4);
    this.low = this.b ^ this.d;
    this.b ^= 0xdd;
    this.rounds(4);
    this.high = this.b ^ this.d;
  }

  private take(word: number): void {
    this.d ^= word;
    this.rounds(2);
    this.a ^= word;
  }

  private rounds(count: number): void {
    let { a, b, c, d } = this;
    for (let i = 0; i < count; i++) {
      a = (a + b) | 0;
      b = ((b << 5) | (b >>> 27)) ^ a;
      a = (a << 16) | (a >>> 16);
      c = (c + d) | 0;
      d = ((d << 8) | (d >>> 24)) ^ c;
      a = (a + d) | 0;
      d = ((d << 7) | (d >>> 25)) ^ a;
      c = (c + b) | 0;
      b = ((b << 13) | (b >>> 19)) ^ c;
      c = (c << 16) | (c >>> 16);
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function lastTwo(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 24);
}
