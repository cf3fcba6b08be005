// What a balancing policy is. It sees usable servers only: health, weight 0, maxconn, backups and
// retries are decided around it, once for all policies, in selection.ts. A policy decides among
// what it is given and changes nothing but the backend's shared cursor. A new policy is one file
// that exports a Policy, one line in registry.ts, and one call of policyConformance().
import type { Scoreboard } from "../scoreboard/scoreboard.ts";
import type { Random } from "./random.ts";

/** The usable servers of one backend at one moment; never changed once made. */
export interface Candidates {
  readonly count: number;
  /** The server's scoreboard row, by candidate. */
  readonly rows: Int32Array;
  /** From 1 up; only their ratios count. */
  readonly weights: Int32Array;
  /** The server's name, by candidate: what consistent hashing hashes, whatever the order. */
  readonly names: readonly string[];
  /** The server's place in the plan, by candidate: what shared tables speak of. */
  readonly places: Int32Array;
}

/** What a policy may use for as long as its candidates stand. */
export interface PolicyContext {
  readonly board: Scoreboard;
  /** The backend's scoreboard row: its cursor is the policy's. */
  readonly backend: number;
  readonly random: Random;
  readonly options: PolicyOptions;
  /**
   * What fill() made of these candidates or, for a moment, of those just before them: an entry may
   * speak of a server that is no candidate any more. Null for a policy without fill().
   */
  readonly table: Int32Array | null;
}

/** What the configuration says of the policy beside its name. */
export interface PolicyOptions {
  /** No server above this multiple of the mean load; 0: no bound. Of hash methods only. */
  readonly boundedLoad: number;
}

/** In a PickRequest's key: there is none. */
export const noKey = -1;

/** What one pick is for. The caller owns it and uses it again and again. */
export class PickRequest {
  /** Hash of what the session is to be kept together by, unsigned 32 bits; or `noKey`. */
  key: number;
  /** Not 0 for those that must not be picked, because this session has tried them; or null. */
  excluded: Uint8Array | null;
  /** Monotonic milliseconds, the same clock on every thread, for estimates that age. */
  nowMs: number;

  constructor() {
    this.key = noKey;
    this.excluded = null;
    this.nowMs = 0;
  }
}

/** A policy made ready for one set of candidates. */
export interface Picker {
  /**
   * The candidate to use, from 0 to count - 1; -1 when there is none or all are excluded. Called
   * once a connect attempt: allocates nothing, throws nothing.
   */
  pick(request: PickRequest): number;
}

export interface Policy {
  /** What the configuration calls it. */
  readonly name: string;
  /** What it picks, as the end of a sentence that begins with its name. */
  readonly summary: string;
  /**
   * The same key is to meet the same server: a full one is waited for, not avoided, unless the
   * load is bounded and keys walk on by themselves. Absent: no.
   */
  readonly affine?: true;
  /** Int32 cells of the table that fill() needs for `servers` candidates at most. */
  readonly tableCells?: (servers: number) => number;
  /**
   * Computes the table of these candidates, once for all workers, in the control plane. Entries
   * name servers by their place in the plan.
   */
  readonly fill?: (candidates: Candidates, table: Int32Array) => void;
  /** Called when the candidates or their weights have changed; whatever can be built, is built here. */
  prepare(candidates: Candidates, context: PolicyContext): Picker;
}
