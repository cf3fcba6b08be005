// Ballast as a library on a plan that a test has made, with its log in reach: for what only the
// plan can say, and for what only the objects show. Stopped when the test ends.
import pino from "pino";
import { type Plan, Supervisor } from "../../dist/index.js";
import { atTestEnd } from "./leftovers.ts";
import { until } from "./until.ts";

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export type BackendPlan = Plan["backends"][number];

export class Planned {
  readonly supervisor: Supervisor;
  /** Its process log so far. */
  readonly lines: readonly LogLine[];

  constructor(supervisor: Supervisor, lines: readonly LogLine[]) {
    this.supervisor = supervisor;
    this.lines = lines;
  }

  get address(): string {
    return this.supervisor.addresses[0] ?? "";
  }

  /** Lines with this text in their message. */
  told(text: string): readonly LogLine[] {
    return this.lines.filter(({ message }) => message.includes(text));
  }

  untilTold(text: string): Promise<LogLine> {
    return until(`a log line with ${JSON.stringify(text)}`, () => this.told(text)[0]);
  }
}

export async function startPlanned(plan: Plan): Promise<Planned> {
  const lines: LogLine[] = [];
  const log = pino(
    { level: "debug", messageKey: "message", formatters: { level: (level) => ({ level }) } },
    { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) },
  );
  const supervisor = await Supervisor.start(plan, log);
  atTestEnd(() => supervisor.stop());
  return new Planned(supervisor, lines);
}

/** The plan with other settings of all its backends. */
export function withBackends(plan: Plan, settings: Partial<BackendPlan>): Plan {
  return { ...plan, backends: plan.backends.map((backend) => ({ ...backend, ...settings })) };
}
