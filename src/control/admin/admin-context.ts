// What the admin API sees of the running Ballast, as interfaces: the supervisor is the context, the
// admin server adds what is its own, and resources know nothing but these.
import type { Plan, ReactorKind } from "../../config/plan.ts";
import type { Problem } from "../../config/problem.ts";
import type { ControlScoreboard } from "../../scoreboard/scoreboard.ts";
import type { Log } from "../log.ts";
import type { Rows } from "../rows.ts";
import type { ServerStates } from "../server-states.ts";
import type { SessionQuestions } from "../session-questions.ts";
import type { WorkerHandle } from "../worker-handle.ts";
import type { TransitionHistory } from "./transition-history.ts";

export interface AdminContext {
  readonly plan: Plan;
  /** Grows with every plan. */
  readonly version: number;
  readonly reactor: ReactorKind;
  readonly log: Log;
  readonly board: ControlScoreboard;
  readonly states: ServerStates;
  readonly rows: Pick<Rows, "rowOfFrontend">;
  readonly workers: readonly WorkerHandle[];
  /** Where it listens, in the order of the plan's binds. */
  readonly addresses: readonly string[];
  readonly sessions: SessionQuestions;
}

/** What resources are given. */
export interface AdminServices {
  readonly context: AdminContext;
  readonly transitions: TransitionHistory;
  /** Null: there is no file to read again (Ballast runs as a library). */
  readonly reload: Reload | null;
}

/** Reads the configuration again and takes it. Never rejects for what the file says. */
export type Reload = () => Promise<ReloadOutcome>;

export interface ReloadOutcome {
  /** Null: the plan is in force. Else why everything goes on as before. */
  readonly refused: string | null;
  /** What is wrong with the file; warnings when it is in force. */
  readonly problems: readonly Problem[];
}
