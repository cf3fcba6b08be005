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
    const { weights, starts } = this;
    let best = -1;
    let bestScore = -1;
    for (let i = 0; i < weights.length; i++) {
      const member = this.highest(
        key,
        excluded,
        room,
        starts[i] as number,
        starts[i + 1] as number,
      );
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
    start: number,
    end: number,
  ): number {
    const { hashes, members } = this;
    let best = -1;
    // Equal lots: the first of them wins, so who comes later needs more.
    let least = -0x8000_0000;
    let member = nextFrom(hashes, key, least, start, end);
    while (member < end) {
      const candidate = members[member] as number;
      const usable = excluded === null || excluded[candidate] === 0;
      if (usable && (room === null || room.has(candidate))) {
        best = member;
        least = lotOf(hashes, key, member) + 1;
      }
      member = nextFrom(hashes, key, least, member + 1, end);
    }
    return best;
  }
}

/** The first member from `start` on whose lot is `least` or more; `end`: none. No call in its loop. */
function nextFrom(
  hashes: Int32Array,
  key: number,
  least: number,
  start: number,
  end: number,
): number {
  let member = start;
  while (member < end && lotOf(hashes, key, member) < least) member++;
  return member;
}

/** Compared as signed numbers: flipping the sign bit keeps the order of unsigned ones. */
function lotOf(hashes: Int32Array, key: number, member: number): number {
  return finish(key ^ (hashes[member] as number)) ^ 0x8000_0000;
}

export const rendezvous: HashMethod = {
  name: "rendezvous",
  summary:
    "is highest random weight: the most even shares without a table, slower with many servers",
  chooser: (candidates: Candidates): Chooser => new Rendezvous(candidates),
};
