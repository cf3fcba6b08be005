// The lookup table of Maglev (Eisenbud et al., NSDI 2016, section 3.4): every server has its own
// order of preference over the entries, and they take entries in turns until all are taken. Weights
// as in Envoy: a server with a third of the heaviest one's weight has every third turn. Pure
// arithmetic; maglev.ts calls it once a change.

/** A server's order of preference: offset, offset + skip, offset + 2 skip, ... modulo the size. */
export interface Preference {
  readonly offset: number;
  /** From 1 to below the size, which is prime: so every entry is met once. */
  readonly skip: number;
  /** From 1 up. */
  readonly weight: number;
}

/** Sets every entry to the index of the preference that took it; there must be at least one. */
export function fillMaglev(entries: Int32Array, preferences: readonly Preference[]): void {
  const size = entries.length;
  const heaviest = preferences.reduce((most, { weight }) => Math.max(most, weight), 0);
  const nexts = Float64Array.from(preferences, ({ offset }) => offset);
  const targets = new Float64Array(preferences.length);
  entries.fill(-1);
  let taken = 0;
  for (let round = 1; taken < size; round++) {
    for (let i = 0; i < preferences.length && taken < size; i++) {
      const { skip, weight } = preferences[i] as Preference;
      if (round * weight < (targets[i] as number)) continue;
      targets[i] = (targets[i] as number) + heaviest;
      let entry = nexts[i] as number;
      while (entries[entry] !== -1) entry = (entry + skip) % size;
      entries[entry] = i;
      nexts[i] = (entry + skip) % size;
      taken++;
    }
  }
}
