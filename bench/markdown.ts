// A report as Markdown: the figures with their ratios, what lies behind them, and every reason to
// doubt them. Pure: a report in, text out.
import { type Report, type ReportRow, problemsOf } from "./report.ts";
import type { Figure, Sample } from "./rows/row.ts";
import { type RoundFigures, type Spread, figureSpread, ratioSpread, spread } from "./statistics.ts";

const nothing = "-";

function tableOf(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A proxy with one invalid measurement has no figure in that row at all. */
function isInvalid(row: ReportRow, proxy: string): boolean {
  return row.rounds.some(({ samples }) => (samples[proxy]?.problems.length ?? 0) > 0);
}

function roundFigures(report: Report, row: ReportRow, figure: string): RoundFigures[] {
  const valid = report.proxies.filter(({ name }) => !isInvalid(row, name));
  return row.rounds.map(({ samples }) => {
    const figures = new Map<string, number>();
    for (const { name } of valid) {
      const value = samples[name]?.figures[figure];
      if (value !== undefined) figures.set(name, value);
    }
    return figures;
  });
}

function written({ median, least, most }: Spread, digits: number): string {
  const range = `${least.toFixed(digits)} to ${most.toFixed(digits)}`;
  return least === most ? median.toFixed(digits) : `${median.toFixed(digits)} (${range})`;
}

function figureLine(report: Report, row: ReportRow, figure: Figure): string[] {
  const rounds = roundFigures(report, row, figure.id);
  const [subject, ...peers] = report.proxies;
  const values = report.proxies.map(({ name }) => {
    if (isInvalid(row, name)) return "INVALID";
    const measured = figureSpread(rounds, name);
    return measured === null ? nothing : written(measured, figure.digits);
  });
  const ratios = peers.map(({ name }) => {
    if (!figure.compared || subject === undefined) return nothing;
    const ratio = ratioSpread(rounds, subject.name, name);
    return ratio === null ? nothing : written(ratio, 2);
  });
  return [`${row.title}: ${figure.title}, ${figure.unit}`, ...values, ...ratios];
}

function figuresTable(report: Report): string {
  const [subject, ...peers] = report.proxies;
  const head = [
    "",
    ...report.proxies.map(({ title, version }) => `${title} ${version ?? ""}`.trimEnd()),
    ...peers.map(({ title }) => `${subject?.title ?? ""} / ${title}`),
  ];
  const lines = report.rows.flatMap((row) =>
    row.figures.map((figure) => figureLine(report, row, figure)),
  );
  return tableOf([head, ...lines]);
}

/** The middle of a detail, or of what is made of details, over the rounds of a proxy. */
function detail(
  row: ReportRow,
  proxy: string,
  of: (details: Sample["details"]) => number | undefined,
): number | undefined {
  const samples = row.rounds.flatMap((round) => round.samples[proxy] ?? []);
  return spread(samples.flatMap(({ details }) => of(details) ?? []))?.median;
}

/** Requests per second, how busy the proxy kept its core meanwhile, and its user by kernel time. */
function rate(row: ReportRow, proxy: string): string {
  const perSecond = detail(row, proxy, (details) => details["requestsPerSecond"]);
  const busy = detail(row, proxy, (details) => details["coreBusyPercent"]);
  if (perSecond === undefined || busy === undefined) return nothing;
  const kinds = detail(row, proxy, ({ userMicroseconds: user, kernelMicroseconds: kernel }) =>
    // Results kept before these were measured have neither.
    user === undefined || kernel === undefined ? undefined : user / kernel,
  );
  return `${perSecond.toFixed(0)} (${busy.toFixed(0)} %) ${kinds?.toFixed(2) ?? ""}`.trimEnd();
}

/**
 * The context of CPU per request: a proxy that has more to do at once does it cheaper, and what the
 * kernel does is much the same for all.
 */
function rateTable(report: Report): string {
  const counted = report.rows.filter((row) => row.figures.some(({ id }) => id === "cpu"));
  if (counted.length === 0) return "";
  const titles = report.proxies.map(({ title }) => title);
  const lines = [["Requests/s (core busy), user by kernel time", ...titles]];
  for (const row of counted) {
    lines.push([row.id, ...report.proxies.map(({ name }) => rate(row, name))]);
  }
  return `\n${tableOf(lines)}\n`;
}

function facts({ machine, cores, commit, command, startedAt }: Report): string {
  const pinned =
    cores.proxy === null
      ? "nothing pinned"
      : `proxy on core ${cores.proxy}, load and origin on core ${cores.load}`;
  const state = commit.dirty === true ? ", with uncommitted changes" : "";
  return (
    `\`${command}\`, ${startedAt.slice(0, 10)}, commit ${commit.hash}${state}. ` +
    `${machine.cpu}, ${machine.cores} cores (${pinned}), Linux ${machine.kernel}, ` +
    `Node ${machine.node}, wrk ${machine.wrk ?? "missing"}. ` +
    "Median of the rounds (least to most); ratios are taken within each round; less is better."
  );
}

/** The whole report as Markdown. */
export function toMarkdown(report: Report): string {
  const warnings = [
    ...problemsOf(report).map((problem) => `**INVALID** ${problem}`),
    ...report.notes,
  ];
  const list = warnings.map((warning) => `- ${warning}`).join("\n");
  return `${figuresTable(report)}\n${rateTable(report)}\n${facts(report)}\n${list === "" ? "" : `\n${list}\n`}`;
}
