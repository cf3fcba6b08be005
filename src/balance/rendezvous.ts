// rendezvous: every server draws a lot from its name and the key, and the highest lot wins (highest
// random weight, Thaler and Ravishankar, 1998). No table, the most even shares, and only the keys
// of a server that leaves move; a pick looks at every server.
import type { Room } from "./bounded-load.ts";
import { type Chooser, type HashMethod, orderByName } from "./hash-method.ts";
import { finish, nameHash } from "./key-hash.ts";
import type { Candidates } from "./policy.ts";

class Rendezvous implements Chooser {
  /** Candidates, all of one weight together, and within it by name. */
  private readonly members: Int32Array;
  /** Hash of the name, by member. */
  private readonly hashes: Int32Array;
  /** Where each weight's members begin, and the end of the last. */
  private readonly starts: Int32Array;
  private readonly weights: Int32Array;

  constructor(candidates: Candidates) {
    const { names, weights } = candidates;
    const byWeight = new Map<number, number[]>();
    for (const candidate of orderByName(candidates)) {
      const weight = weights[candidate] as number;
      const same = byWeight.get(weight);
      if (same === undefined) byWeight.set(weight, [candidate]);
      else same.push(candidate);
    }
    const classes = [...byWeight].toSorted(([a], [b]) => a - b);
    const starts = [0];
    for (const [, members] of classes) starts.push((starts.at(-1) as number) + members.length);
    this.members = Int32Array.from(classes.flatMap(([, members]) => members));
    this.hashes = this.members.map((candidate) => nameHash(names[candidate] as string));
    this.starts = Int32Array.from(starts);
    this.weights = Int32Array.from(classes, ([weight]) => weight);
  }

  choose(key: number, excluded: Uint8Array | null): number {
    return this.search(key, excluded, null);
  }

  chooseWithRoom(key: number, excluded: Uint8Array | null, room: Room): number {
    return this.search(key, excluded, room);
  }

  /**
   * A lot h (0 to 1) counts as weight / -ln(h): then each server wins in proportion to its weight
   * (Schindelhauer and Schomaker, 2005). Among equal weights the highest h wins anyhow, so whole
   * numbers are compared, and a logarithm is taken once a weight.
   */
  private search(key: number, excluded: Uint8Array | null, room: Room | null): number {
    const { weights } = this;
    let best = -1;
    let bestScore = -1;
    for (let i = 0; i < weights.length; i++) {
      const member = this.highest(key, excluded, room, i);
      if (member === -1) continue;
      const candidate = this.members[member] as number;
      if (weights.length === 1) return candidate;
      const lot = ((finish(key ^ (this.hashes[member] as number)) >>> 0) + 0.5) / 0x1_0000_0000;
      const score = (weights[i] as number) / -Math.log(lot);
      if (score <= bestScore) continue;
      best = candidate;
      bestScore = score;
    }
    return best;
  }

  /** Whether there is room is asked only of who beats all before: of ln n of n, if none is full. */
  private highest(
    key: number,
    excluded: Uint8Array | null,
    room: Room | null,
    weight: number,
  ): number {
    const { hashes, members } = this;
    const start = this.starts[weight] as number;
    const end = this.starts[weight + 1] as number;
    let best = -1;
    // Compared as signed numbers: flipping the sign bit keeps the order of unsigned ones.
    let bestLot = -0x8000_0000;
    for (let member = start; member < end; member++) {
      const lot = finish(key ^ (hashes[member] as number)) ^ 0x8000_0000;
      if (lot < bestLot || (best !== -1 && lot === bestLot)) continue;
      if (excluded !== null && excluded[members[member] as number] !== 0) continue;
      if (room !== null && !room.has(members[member] as number)) continue;
      best = member;
      bestLot = lot;
    }
    return best;
  }
}

export const rendezvous: HashMethod = {
  name: "rendezvous",
  summary:
    "is highest random weight: the most even shares without a table, slower with many servers",
  chooser: (candidates: Candidates): Chooser => new Rendezvous(candidates),
};
