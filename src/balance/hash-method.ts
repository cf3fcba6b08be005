// What all hash methods share: a session without a key goes round robin, and boundedLoad stands
// around whatever the method says. A method is one file that chooses by key and nothing else, and
// one line in registry.ts. All hash names, not indexes: the same servers, in any order and on any
// machine, get the same keys.
import { BoundedLoad, type RoomSeeker } from "./bounded-load.ts";
import {
  type Candidates,
  noKey,
  type Picker,
  type PickRequest,
  type Policy,
  type PolicyContext,
} from "./policy.ts";
import { roundrobin } from "./roundrobin.ts";

export interface HashMethod {
  readonly name: string;
  readonly summary: string;
  /** As in a Policy. */
  readonly tableCells?: (servers: number) => number;
  readonly fill?: (candidates: Candidates, table: Int32Array) => void;
  /** Made ready for at least one candidate. `table` is null for a method without fill(). */
  chooser(candidates: Candidates, table: Int32Array | null): Chooser;
}

export interface Chooser extends Partial<RoomSeeker> {
  /**
   * The candidate of this key (unsigned, 32 bits); the next in the key's own order when that one is
   * excluded; -1 when there is none. Allocates nothing, throws nothing.
   */
  choose(key: number, excluded: Uint8Array | null): number;
}

class HashPicker implements Picker {
  private readonly chooser: Chooser;
  private readonly keyless: Picker;

  constructor(chooser: Chooser, keyless: Picker) {
    this.chooser = chooser;
    this.keyless = keyless;
  }

  pick(request: PickRequest): number {
    if (request.key !== noKey) {
      const candidate = this.chooser.choose(request.key, request.excluded);
      if (candidate !== -1) return candidate;
    }
    // Also for the moment in which an old table names none of the candidates.
    return this.keyless.pick(request);
  }
}

export function hashPolicy(method: HashMethod): Policy {
  return {
    ...method,
    affine: true,
    prepare(candidates: Candidates, context: PolicyContext): Picker {
      const keyless = roundrobin.prepare(candidates, context);
      if (candidates.count === 0) return keyless;
      const chooser = method.chooser(candidates, context.table);
      const picker = new HashPicker(chooser, keyless);
      return context.options.boundedLoad > 0
        ? new BoundedLoad(picker, chooser, candidates, context)
        : picker;
    },
  };
}

/** Candidates in the order of their names: the only order that all machines agree on. */
export function orderByName({ names }: Candidates): Int32Array {
  const order = [...names.keys()].toSorted((a, b) => compare(names[a], names[b]));
  return Int32Array.from(order);
}

/** By UTF-16 code units: a locale's order would differ between machines. */
function compare(a: string = "", b: string = ""): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The candidate at each place of the plan; -1: none. What a table speaks of, made usable. */
export function candidatesByPlace({ places }: Candidates): Int32Array {
  const candidates = new Int32Array(Math.max(-1, ...places) + 1).fill(-1);
  for (const [candidate, place] of places.entries()) candidates[place] = candidate;
  return candidates;
}
