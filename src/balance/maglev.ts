// maglev: consistent hashing by one look into a table of 65,537 entries. Shares are more even than
// the ring's and a pick is cheaper; in return a few keys of other servers move when one leaves.
import { candidatesByPlace, type Chooser, type HashMethod, orderByName } from "./hash-method.ts";
import { nameHash } from "./key-hash.ts";
import { fillMaglev } from "./maglev-table.ts";
import type { Candidates } from "./policy.ts";

/** Prime, and the size that the paper and Envoy use: a hundred entries for each of 655 servers. */
const entriesMin = 65_537;
/** Prime, and the paper's larger size; for more than 6,553 servers. */
const entriesMax = 655_373;

const offsetSeed = 0;
const skipSeed = 1;

function entriesFor(servers: number): number {
  return servers <= entriesMin / 10 ? entriesMin : entriesMax;
}

function fill(candidates: Candidates, table: Int32Array): void {
  if (candidates.count === 0) {
    table.fill(-1);
    return;
  }
  const order = orderByName(candidates);
  const size = table.length;
  const preferences = Array.from(order, (candidate) => {
    const name = candidates.names[candidate] as string;
    return {
      offset: nameHash(name, offsetSeed) % size,
      skip: (nameHash(name, skipSeed) % (size - 1)) + 1,
      weight: candidates.weights[candidate] as number,
    };
  });
  fillMaglev(table, preferences);
  for (const [entry, rank] of table.entries()) {
    table[entry] = candidates.places[order[rank] as number] as number;
  }
}

class Maglev implements Chooser {
  private readonly entries: Int32Array;
  private readonly candidates: Int32Array;

  constructor(candidates: Candidates, entries: Int32Array) {
    this.entries = entries;
    this.candidates = candidatesByPlace(candidates);
  }

  /** Behind an entry stands anybody, by weight: so the keys of one that is out are shared by all. */
  choose(key: number, excluded: Uint8Array | null): number {
    const { entries, candidates } = this;
    const size = entries.length;
    let entry = key % size;
    for (let step = 0; step < size; step++) {
      const place = entries[entry] as number;
      const candidate =
        place >= 0 && place < candidates.length ? (candidates[place] as number) : -1;
      if (candidate !== -1 && (excluded === null || excluded[candidate] === 0)) return candidate;
      entry = entry + 1 === size ? 0 : entry + 1;
    }
    return -1;
  }
}

export const maglev: HashMethod = {
  name: "maglev",
  summary:
    "is consistent hashing by a table of 65,537 entries: more even than the ring, and faster",
  tableCells: entriesFor,
  fill,
  chooser: (candidates: Candidates, table: Int32Array | null): Chooser =>
    new Maglev(candidates, table ?? new Int32Array(0)),
};
