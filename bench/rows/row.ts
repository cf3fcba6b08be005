// What a row of the benchmark is: figures, and a way to measure them once on one proxy. One file
// per row, or per family of rows, beside this one. A row knows nothing of rounds and ratios.
import type { Options } from "../options.ts";
import type { Origin } from "../origin.ts";
import type { Session } from "../session.ts";
import type { RunningTarget, Target } from "../targets/target.ts";

/** A number that a row yields; less is always better. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** Decimals that mean something. */
  readonly digits: number;
  /** Whether a ratio to a peer says something: not for growth, which should be nothing. */
  readonly compared: boolean;
}

/** One measurement of one proxy. */
export interface Sample {
  /** By the figure's id. */
  readonly figures: Readonly<Record<string, number>>;
  /** What lies behind them; units are in the names. */
  readonly details: Readonly<Record<string, number>>;
  /** Why the figures must not be used; empty when they may. */
  readonly problems: readonly string[];
}

/** Of one round, by the proxy's name. */
export type Samples = Readonly<Record<string, Sample>>;

/** A proxy in this run. */
export interface Contender {
  /** Unique in the run; the target's name unless that stands in it twice. */
  readonly name: string;
  readonly title: string;
  readonly target: Target;
  /** The instance that is up for the whole run. */
  readonly running: RunningTarget;
}

/** What a row measures with. */
export interface Bench {
  readonly options: Options;
  readonly session: Session;
  readonly origin: Origin;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** The program that makes its load; null: none is needed. */
  readonly generator: "wrk" | "ab" | null;
  /** A row that takes long, or hardly varies, has no use for more rounds than this. */
  readonly roundsMax: number;
  /** Before the first round, once for each proxy. */
  warmUp(bench: Bench, contender: Contender): Promise<void>;
  /** One round: a sample of each proxy, by its name. */
  measure(bench: Bench, contenders: readonly Contender[]): Promise<Samples>;
}

/** A round for figures that need a proxy to run without a pause: one after the other. */
export function oneByOne(
  measure: (bench: Bench, contender: Contender) => Promise<Sample>,
): Row["measure"] {
  return async (bench, contenders) => {
    const samples: Record<string, Sample> = {};
    for (const contender of contenders) samples[contender.name] = await measure(bench, contender);
    return samples;
  };
}
