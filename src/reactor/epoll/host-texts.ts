// IPv4 addresses as text, of those that were asked for last: a proxy in front of us, or a client that comes back,
// is mostly among them, and its connections share one string.

const kept = 256;

export class HostTexts {
  readonly #numbers: Int32Array;
  readonly #texts: string[];

  constructor() {
    this.#numbers = new Int32Array(kept);
    this.#texts = Array.from({ length: kept }, () => "0.0.0.0");
  }

  /** `ip`: its bytes as they stand in memory, read as a little-endian number. */
  of(ip: number): string {
    const i = (ip ^ (ip >>> 8) ^ (ip >>> 16) ^ (ip >>> 24)) & (kept - 1);
    if (this.#numbers[i] !== (ip | 0)) {
      this.#numbers[i] = ip;
      this.#texts[i] = `${ip & 255}.${(ip >>> 8) & 255}.${(ip >>> 16) & 255}.${ip >>> 24}`;
    }
    return this.#texts[i] as string;
  }
}
