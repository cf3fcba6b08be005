// The command line of the benchmark. main.ts reads it once; everything else gets the finished
// options and never looks at the arguments.
import { Command, InvalidArgumentError } from "commander";

/** What one run shall do. */
export interface Options {
  /** Measurements of each proxy in each row. */
  readonly rounds: number;
  /** Seconds of load in one measurement. */
  readonly seconds: number;
  /** Seconds of load that each proxy gets in each row before the first round. */
  readonly warmupSeconds: number;
  /** Ids of the rows to measure; empty: all. */
  readonly rows: readonly string[];
  /** The proxy that is compared. */
  readonly subject: string;
  /** The proxies that it is compared with. */
  readonly peers: readonly string[];
  /** Connections that the idle-memory row opens. */
  readonly idleConnections: number;
  /** Connections that the growth row opens and closes in all. */
  readonly churnConnections: number;
  /** Keep the results under bench/results. */
  readonly save: boolean;
}

interface Flags {
  rounds: number;
  seconds: number;
  warmup: number;
  rows?: string[];
  subject: string;
  peers: string[];
  idle: number;
  churn: number;
  save: boolean;
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}

function names(known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const chosen = text.split(",").filter((name) => name !== "");
    const wrong = chosen.find((name) => !known.includes(name));
    if (wrong === undefined) return [...new Set(chosen)];
    throw new InvalidArgumentError(`"${wrong}" is not one of: ${known.join(", ")}.`);
  };
}

function oneOf(known: readonly string[]): (text: string) => string {
  return (text) => {
    if (known.includes(text)) return text;
    throw new InvalidArgumentError(`It must be one of: ${known.join(", ")}.`);
  };
}

/**
 * Options from the arguments after the script's name. Prints and exits by itself on `--help`
 * (status 0) and on wrong usage (status 2).
 */
export function parseOptions(
  args: readonly string[],
  rowIds: readonly string[],
  targetNames: readonly string[],
): Options {
  const command = new Command("npm run bench --")
    .description("Measures Ballast side by side with HAProxy and nginx on this machine.")
    .option("--rounds <n>", "measurements of each proxy in each row", whole(1), 5)
    .option("--seconds <n>", "seconds of load in one measurement", whole(1), 4)
    .option("--warmup <n>", "seconds of load before a row's first round", whole(0), 5)
    .option(
      "--rows <ids>",
      `rows to measure, of: ${rowIds.join(", ")} (default: all)`,
      names(rowIds),
    )
    .option("--peers <names>", `of: ${targetNames.join(", ")}`, names(targetNames), [
      "haproxy",
      "nginx",
    ])
    .option(
      "--subject <name>",
      "the proxy to compare with the peers",
      oneOf(targetNames),
      "ballast",
    )
    .option("--idle <n>", "connections of the idle-memory rows", whole(1), 5000)
    .option("--churn <n>", "connections of tcp-churn-growth, in all", whole(4), 200_000)
    .option("--no-save", "keep no results under bench/results")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  command.parse([...args], { from: "user" });
  const flags = command.opts<Flags>();
  return {
    rounds: flags.rounds,
    seconds: flags.seconds,
    warmupSeconds: flags.warmup,
    rows: flags.rows ?? [],
    subject: flags.subject,
    peers: flags.peers,
    idleConnections: flags.idle,
    churnConnections: flags.churn,
    save: flags.save,
  };
}
