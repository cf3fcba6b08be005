// What the control plane and a worker say to each other. Plain data over a message port; towards a
// worker each message is followed by a wake, because its reactor blocks the thread.
import type { ReactorKind } from "../config/plan.ts";
import type { AddressChange, Assignment, BindSecrets, ServerSecrets } from "../proxy/assignment.ts";
import type { Report } from "../proxy/reports.ts";
import type { SessionQuery } from "../proxy/session/session-list.ts";
import type { Waker } from "../reactor/reactor.ts";
import type { ScoreboardMemory } from "../scoreboard/memory.ts";

/** What a worker thread starts with (its workerData). */
export interface WorkerStart {
  /** Its number, from 0: its column in the scoreboard. */
  readonly worker: number;
  readonly reactor: ReactorKind;
  readonly board: ScoreboardMemory;
  /** By descriptor: 1 + the worker that opened it. */
  readonly owners: SharedArrayBuffer;
  /** Pipes that it may have, and descriptors that it holds for connects. */
  readonly spare: number;
  readonly assignment: Assignment;
}

export type ToWorker =
  | { readonly type: "assign"; readonly assignment: Assignment }
  /** Servers have moved: their names resolve to something else. By server row. */
  | { readonly type: "addresses"; readonly changes: readonly AddressChange[] }
  /** Files have changed: new handshakes are made with these. */
  | { readonly type: "bindSecrets"; readonly secrets: BindSecrets }
  | { readonly type: "serverSecrets"; readonly secrets: ServerSecrets }
  /** For session tickets, newest first. */
  | { readonly type: "ticketKeys"; readonly keys: readonly Uint8Array[] }
  /** How to wake each worker. Answered, so that wakers of the dead can be closed. */
  | { readonly type: "peers"; readonly wakers: readonly Waker[]; readonly round: number }
  /** Servers have changed: sessions that wait may find a place now. */
  | { readonly type: "look" }
  /** Which sessions it has. Answered in one or more parts; a question ends the one before. */
  | { readonly type: "sessions"; readonly question: number; readonly query: SessionQuery }
  /** Stop accepting, let sessions end. */
  | { readonly type: "stop" }
  /** End all sessions now. */
  | { readonly type: "kill" }
  /** End all sessions on the server with this row: it was found down. */
  | { readonly type: "shutdown"; readonly row: number }
  /** End the thread. */
  | { readonly type: "exit" };

export type FromWorker =
  | { readonly type: "ready"; readonly waker: Waker; readonly addresses: readonly string[] }
  | { readonly type: "applied"; readonly version: number; readonly addresses: readonly string[] }
  /** A plan could not be taken: always a bug, but the worker lives on with what it had. */
  | { readonly type: "failed"; readonly version: number; readonly error: string }
  | { readonly type: "report"; readonly report: Report }
  | { readonly type: "log"; readonly version: number; readonly batch: Uint8Array }
  | { readonly type: "introduced"; readonly round: number }
  /** Rows are the text of a JSON array of SessionRow; `done` comes with the last of them. */
  | {
      readonly type: "sessions";
      readonly question: number;
      readonly worker: number;
      readonly rows: string;
      readonly done: boolean;
    }
  /** It accepts no more: the listening sockets may be closed. */
  | { readonly type: "stopped" }
  | { readonly type: "drained" };
