// `npm run bench`: measures Ballast beside its peers, prints the table, keeps the results.
// Exit status: 0 measured, 1 failed or a row is invalid, 2 wrong usage, 130 or 143 interrupted.
import { chooseCores } from "./cores.ts";
import { type Lineup, Refusal, chooseLineup } from "./lineup.ts";
import { readCommit, readMachine } from "./machine.ts";
import { toMarkdown } from "./markdown.ts";
import { type Options, parseOptions } from "./options.ts";
import { startOrigin } from "./origin.ts";
import { findPrograms } from "./programs.ts";
import { type Report, type ReportRow, problemsOf, saveReport } from "./report.ts";
import { measureRow } from "./rounds.ts";
import { rows } from "./rows/all.ts";
import type { Contender } from "./rows/row.ts";
import { Session } from "./session.ts";
import { targets } from "./targets/all.ts";
import { freeFronts } from "./targets/target.ts";

let interrupted = false;
const say = (line: string): void => console.error(line);

/** Everything between the first process and the last; the session is closed by the caller. */
async function measure(
  session: Session,
  options: Options,
  lineup: Lineup,
  facts: Pick<Report, "commit" | "machine" | "notes">,
): Promise<Report> {
  const startedAt = new Date().toISOString();
  const origin = await startOrigin(session);
  const contenders: Contender[] = [];
  for (const { name, title, target, version } of lineup.entrants) {
    if (version === null) continue;
    const running = await target.start(session, await freeFronts(session), origin.ports);
    contenders.push({ name, title, target, running });
  }
  const measured: ReportRow[] = [];
  for (const row of lineup.rows) {
    const rounds = await measureRow({ options, session, origin }, row, contenders, say);
    measured.push({ id: row.id, title: row.title, figures: row.figures, rounds });
  }
  return {
    format: 1,
    startedAt,
    finishedAt: new Date().toISOString(),
    command: ["npm run bench", ...(process.argv.length > 2 ? ["--"] : [])]
      .concat(process.argv.slice(2))
      .join(" "),
    commit: facts.commit,
    machine: facts.machine,
    cores: session.cores,
    proxies: lineup.entrants.map(({ name, title, version }) => ({ name, title, version })),
    rows: measured,
    notes: facts.notes,
  };
}

/** Ends everything when a signal or an unforeseen exit comes. */
function guard(session: Session): void {
  const end = (status: number): void => {
    interrupted = true;
    say("\nInterrupted: ending what was started.");
    void session.close().finally(() => process.exit(status));
  };
  process.on("SIGINT", () => end(130));
  process.on("SIGTERM", () => end(143));
  process.on("SIGHUP", () => end(129));
  process.on("exit", () => session.closeNow());
}

function tell(report: Report, save: boolean): void {
  const table = toMarkdown(report);
  process.stdout.write(`\n${table}\n`);
  if (save) say(`Kept in ${saveReport(report, table)}`);
  const problems = problemsOf(report);
  if (problems.length === 0) return;
  say(`\nINVALID MEASUREMENTS, do not use these figures:\n  ${problems.join("\n  ")}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const options = parseOptions(
    process.argv.slice(2),
    rows.map(({ id }) => id),
    targets.map(({ name }) => name),
  );
  const programs = findPrograms();
  const notes: string[] = [];
  const lineup = chooseLineup(options, programs, notes);
  const cores = chooseCores(programs.taskset, notes);
  const machine = readMachine(programs);
  if (machine.loadAverage > 0.5) {
    notes.push(
      `Other work ran on this machine (load average ${machine.loadAverage.toFixed(1)} when the ` +
        "run began): read the ratios, and their spread, rather than the figures.",
    );
  }
  for (const note of notes) say(note);
  const session = new Session(programs, cores);
  guard(session);
  try {
    tell(
      await measure(session, options, lineup, { commit: readCommit(), machine, notes }),
      options.save,
    );
  } finally {
    await session.close();
  }
}

try {
  await main();
} catch (error) {
  // After a signal the measurements fail because their processes end; that says nothing.
  if (!interrupted) {
    if (error instanceof Refusal) say(error.message);
    else console.error(error);
  }
  process.exitCode = 1;
}
