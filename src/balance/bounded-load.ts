// Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, 2018), around any hash
// method: no server is given a session that would bring it above `boundedLoad` times the mean load
// for its weight; the key goes to the next server in its own order. A key comes back to its first
// server as soon as that one has room.
import { backendField } from "../scoreboard/fields.ts";
import type { Table } from "../scoreboard/table.ts";
import { Loads } from "./loads.ts";
import { type Candidates, noKey, type Picker, PickRequest, type PolicyContext } from "./policy.ts";

/** Products of decimal fractions err in the last digits; a bound must not grow by one for that. */
const rounding = 1e-9;

/** Sessions that a server of `weight` may have once one more is placed; `total` before it is. */
export function boundOf(factor: number, total: number, weight: number, weights: number): number {
  return Math.ceil((factor * (total + 1) * weight) / weights - rounding);
}

/** Full servers passed over one by one; after them all full ones are found in one go. */
const stepsMax = 3;

/** Which candidates may have one session more. */
export interface Room {
  has(candidate: number): boolean;
}

/** A method that looks at every candidate anyway can pass over the full ones as it goes. */
export interface RoomSeeker {
  /**
   * The first candidate with room in the key's own order, excluded ones left out; -1 when there is
   * none. Allocates nothing, throws nothing.
   */
  chooseWithRoom(key: number, excluded: Uint8Array | null, room: Room): number;
}

export class BoundedLoad implements Picker, Room {
  private readonly picker: Picker;
  /** The picker's method; one that cannot seek room is asked on and on. */
  private readonly method: Partial<RoomSeeker>;
  private readonly candidates: Candidates;
  private readonly loads: Loads;
  /**
   * The sessions of all servers together are one number of the backend's, so that a pick need not
   * add up a thousand. Those on servers that are no candidates any more count too, as in HAProxy.
   */
  private readonly backends: Table<"backend">;
  private readonly backend: number;
  private readonly factor: number;
  /** Of all candidates together. */
  private readonly weights: number;
  private readonly asked: PickRequest;
  private readonly passed: Uint8Array;
  /** Sessions of the backend before this pick. */
  private total: number;
  /** The bound of this weight, in this pick; 0: none yet. Most often all have one weight. */
  private boundWeight: number;
  private bound: number;

  constructor(
    picker: Picker,
    method: Partial<RoomSeeker>,
    candidates: Candidates,
    context: PolicyContext,
  ) {
    this.picker = picker;
    this.method = method;
    this.candidates = candidates;
    this.loads = new Loads(candidates, context.board);
    this.backends = context.board.backends;
    this.backend = context.backend;
    this.factor = context.options.boundedLoad;
    this.weights = candidates.weights.reduce((sum, weight) => sum + weight, 0);
    this.asked = new PickRequest();
    this.passed = new Uint8Array(candidates.count);
    this.total = 0;
    this.boundWeight = 0;
    this.bound = 0;
  }

  pick(request: PickRequest): number {
    const { key, excluded } = request;
    this.total = this.backends.glance(this.backend, backendField.placed);
    this.boundWeight = 0;
    if (key !== noKey && this.method.chooseWithRoom !== undefined) {
      const found = this.method.chooseWithRoom(key, excluded, this);
      if (found !== -1) return found;
    }
    const first = this.picker.pick(request);
    if (first === -1 || this.has(first)) return first;
    const next = this.walkOn(request, first);
    // All with room were tried by this session already: too much for one is better than refused.
    return next === -1 ? first : next;
  }

  /** Room for one session more below the bound. */
  has(candidate: number): boolean {
    const weight = this.candidates.weights[candidate] as number;
    if (weight !== this.boundWeight) {
      this.boundWeight = weight;
      this.bound = boundOf(this.factor, this.total, weight, this.weights);
    }
    return this.loads.of(candidate) < this.bound;
  }

  private walkOn(request: PickRequest, first: number): number {
    const { asked, passed } = this;
    asked.key = request.key;
    asked.nowMs = request.nowMs;
    asked.excluded = passed;
    if (request.excluded === null) passed.fill(0);
    else passed.set(request.excluded.subarray(0, passed.length));
    let candidate = first;
    for (let step = 0; step < stepsMax; step++) {
      passed[candidate] = 1;
      candidate = this.picker.pick(asked);
      if (candidate === -1 || this.has(candidate)) return candidate;
    }
    for (let each = 0; each < passed.length; each++) {
      if (passed[each] === 0 && !this.has(each)) passed[each] = 1;
    }
    return this.picker.pick(asked);
  }
}
