// Decides what this run can measure: the rows and proxies that were asked for, less those that
// lack a program. Every omission becomes a sentence; nothing is left out silently.
import type { Options } from "./options.ts";
import { type Programs, missing } from "./programs.ts";
import { rows } from "./rows/all.ts";
import type { Row } from "./rows/row.ts";
import { targetNamed } from "./targets/all.ts";
import type { Target } from "./targets/target.ts";
import { descriptorLimit } from "./session.ts";

/** A proxy that was asked for. */
export interface Entrant {
  /** Unique in the run. */
  readonly name: string;
  readonly title: string;
  readonly target: Target;
  /** Null: it was asked for and cannot run here, so its cells stay empty. */
  readonly version: string | null;
}

export interface Lineup {
  readonly rows: readonly Row[];
  /** The subject first, then the peers. */
  readonly entrants: readonly Entrant[];
}

/** Nothing can be measured; the message says why and what to install. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Refusal";
  }
}

function chooseRows(options: Options, programs: Programs, notes: string[]): Row[] {
  if (programs.nginx === null) {
    throw new Refusal(missing("nginx", "the servers behind the proxies are nginx, so no row runs"));
  }
  if (programs.openssl === null) {
    throw new Refusal(
      missing("openssl", "there is no certificate for the proxies, so no row runs"),
    );
  }
  let chosen = rows.filter((row) => options.rows.length === 0 || options.rows.includes(row.id));
  for (const generator of ["wrk", "ab"] as const) {
    if (programs[generator] !== null) continue;
    const skipped = chosen.filter((row) => row.generator === generator).map((row) => row.id);
    if (skipped.length === 0) continue;
    chosen = chosen.filter((row) => row.generator !== generator);
    const sentence = missing(generator, `these rows are skipped: ${skipped.join(", ")}`);
    if (chosen.length === 0) throw new Refusal(`${sentence} Nothing is left to measure.`);
    notes.push(sentence);
  }
  return chosen;
}

function chooseEntrants(options: Options, programs: Programs, notes: string[]): Entrant[] {
  const entrants: Entrant[] = [];
  for (const name of [options.subject, ...options.peers]) {
    const target = targetNamed(name);
    const found = target.find(programs);
    const again = entrants.some((entrant) => entrant.target === target);
    if ("missing" in found) {
      if (entrants.length === 0) throw new Refusal(found.missing);
      notes.push(found.missing);
    }
    entrants.push({
      name: again ? `${name}-again` : name,
      title: again ? `${target.title}, again` : target.title,
      target,
      version: "version" in found ? found.version : null,
    });
  }
  return entrants;
}

/** Chooses rows and proxies. Throws a Refusal when nothing can be measured. */
export function chooseLineup(options: Options, programs: Programs, notes: string[]): Lineup {
  if (process.platform !== "linux") {
    throw new Refusal("The benchmark reads CPU time and memory from /proc: it runs on Linux only.");
  }
  const chosen = chooseRows(options, programs, notes);
  const entrants = chooseEntrants(options, programs, notes);
  if (programs.taskset === null) {
    notes.push(missing("taskset", "no process is pinned to a core. Expect wide spreads"));
  }
  const connectionsMax = Math.floor((descriptorLimit() - 200) / 2);
  if (
    chosen.some(({ id }) => id.endsWith("-idle-memory")) &&
    options.idleConnections > connectionsMax
  ) {
    throw new Refusal(
      `A proxy needs two descriptors for a connection, and this process may open ` +
        `${descriptorLimit()}: choose --idle ${connectionsMax} or less, or raise \`ulimit -n\`.`,
    );
  }
  return { rows: chosen, entrants };
}
