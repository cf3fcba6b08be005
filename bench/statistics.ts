// Figures of one row, summed up. Proxies are compared round by round: those of a round are measured in
// turns, so a machine that was slow then was slow for both, and the ratio stays.

/** The middle of some values and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** One round's figure of each proxy; a proxy without a valid measurement is not in it. */
export type RoundFigures = ReadonlyMap<string, number>;

/** The middle value, or the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Null when there is nothing to sum up. */
export function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** What `proxy` measured, over the rounds. */
export function figureSpread(rounds: readonly RoundFigures[], proxy: string): Spread | null {
  return spread(rounds.flatMap((round) => round.get(proxy) ?? []));
}

/** `proxy` divided by `peer`, each round for itself. */
export function ratioSpread(
  rounds: readonly RoundFigures[],
  proxy: string,
  peer: string,
): Spread | null {
  const ratios = rounds.flatMap((round) => {
    const ours = round.get(proxy);
    const theirs = round.get(peer);
    return ours === undefined || theirs === undefined || theirs === 0 ? [] : ours / theirs;
  });
  return spread(ratios);
}
