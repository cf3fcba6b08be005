// Pairs of certificate and key that were read before and were good. Parsing and checking one takes
// milliseconds, and a folder may have thousands. Whoever reads again and again keeps one of these.
import type { KeyPair, PairFiles } from "./key-pair.ts";

interface Known {
  readonly cert: string;
  readonly digest: string;
  readonly pair: KeyPair;
}

export class KnownPairs {
  /** By file of the certificate and of the key. */
  readonly #known: Map<string, Known>;

  constructor() {
    this.#known = new Map();
  }

  /** The pair that these files had, when `digest` says that they have it still. */
  pair(files: PairFiles, digest: string): KeyPair | undefined {
    const known = this.#known.get(keyOf(files));
    return known?.digest === digest ? known.pair : undefined;
  }

  learn(files: PairFiles, digest: string, pair: KeyPair): void {
    this.#known.set(keyOf(files), { cert: files.cert, digest, pair });
  }

  /** Forgets the pairs whose certificate is in none of these files. */
  retain(certificateFiles: ReadonlySet<string>): void {
    for (const [key, { cert }] of this.#known) {
      if (!certificateFiles.has(cert)) this.#known.delete(key);
    }
  }
}

function keyOf({ cert, key }: PairFiles): string {
  return `${cert}\0${key}`;
}
