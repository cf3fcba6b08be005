// The order of measurements: in every round each proxy takes its turn, and who begins changes
// from round to round, so that neither a warming machine nor a noisy minute favours anybody.
import type { Bench, Contender, Row, Sample, Samples } from "./rows/row.ts";

/** One round of one row. */
export interface Round {
  /** Names of the proxies, as they were measured. */
  readonly order: readonly string[];
  readonly samples: Samples;
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

function told(row: Row, contender: Contender, sample: Sample): string {
  const figures = row.figures.map(
    ({ id, unit, digits }) => `${(sample.figures[id] ?? Number.NaN).toFixed(digits)} ${unit}`,
  );
  const invalid = sample.problems.length === 0 ? "" : `  INVALID: ${sample.problems.join("; ")}`;
  return `${contender.title} ${figures.join(", ")}${invalid}`;
}

/** Measures one row; `progress` gets a line for each measurement. */
export async function measureRow(
  bench: Bench,
  row: Row,
  contenders: readonly Contender[],
  progress: (line: string) => void,
): Promise<Round[]> {
  for (const contender of contenders) await row.warmUp(bench, contender);
  const count = Math.min(bench.options.rounds, row.roundsMax);
  const rounds: Round[] = [];
  for (let index = 0; index < count; index++) {
    const order = rotated(contenders, index);
    const samples = await row.measure(bench, order);
    for (const contender of order) {
      contender.running.process.assertRunning();
      const sample = samples[contender.name];
      if (sample === undefined) continue;
      progress(`${row.id} ${index + 1}/${count}: ${told(row, contender, sample)}`);
    }
    rounds.push({ order: order.map(({ name }) => name), samples });
  }
  return rounds;
}
