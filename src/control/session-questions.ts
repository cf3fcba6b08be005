// Asks all workers which sessions they have and merges what they answer. The admin API calls it. One
// question at a time is with the workers, so that many askers cannot make them do nothing else.
import type { SessionQuery } from "../proxy/session/session-list.ts";
import type { SessionRow } from "../proxy/session/session-row.ts";
import type { FromWorker } from "./messages.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/** A worker that turns sends a part in milliseconds; one that hangs is found out by others. */
const silenceMs = 2000;
/** Askers that may wait for their turn. */
const waitingMax = 16;

/** What is asked of: the worker pool. */
export interface Asked {
  readonly workers: readonly WorkerHandle[];
  until(fits: () => boolean, limitMs: number): Promise<boolean>;
}

/** The sessions that match, newest first. */
export interface SessionListing {
  readonly sessions: readonly SessionRow[];
  /** More match than the limit admits. */
  readonly more: boolean;
  /** Workers whose sessions are not here, or not all of them, and why; empty: nothing is missing. */
  readonly missing: readonly MissingWorker[];
}

export interface MissingWorker {
  readonly worker: number;
  readonly reason: string;
}

/** One worker's part of the answer. */
interface Part {
  readonly handle: WorkerHandle;
  readonly rows: SessionRow[];
  done: boolean;
}

export class SessionQuestions {
  readonly #pool: Asked;
  #question: number;
  #parts: readonly Part[];
  /** Settles when the question before has been answered. */
  #last: Promise<unknown>;
  #waiting: number;

  constructor(pool: Asked) {
    this.#pool = pool;
    this.#question = 0;
    this.#parts = [];
    this.#last = Promise.resolve();
    this.#waiting = 0;
  }

  /** Null when too many wait for an answer already. A worker that cannot answer is named in it. */
  async ask(query: SessionQuery): Promise<SessionListing | null> {
    if (this.#waiting >= waitingMax) return null;
    this.#waiting++;
    const answer = this.#last.then(() => this.#ask(query));
    this.#last = answer.catch(() => {});
    try {
      return await answer;
    } finally {
      this.#waiting--;
    }
  }

  async #ask(query: SessionQuery): Promise<SessionListing> {
    const question = ++this.#question;
    const parts = this.#pool.workers.map((handle): Part => ({ handle, rows: [], done: false }));
    this.#parts = parts;
    // One more than is wanted tells whether there are more.
    const limit = query.limit + 1;
    for (const { handle } of parts) {
      if (!handle.ended) {
        handle.send({ type: "sessions", question, query: { ...query, limit } });
      }
    }
    await this.#answers(parts);
    const rows = parts.flatMap((part) => part.rows);
    rows.sort((a, b) => (a.start < b.start ? 1 : a.start > b.start ? -1 : 0));
    return {
      sessions: rows.slice(0, query.limit),
      more: rows.length > query.limit,
      missing: parts.filter(({ done }) => !done).map(missingWorker),
    };
  }

  /** Waits for all parts, as long as one or the other still grows: sessions may be many. */
  async #answers(parts: readonly Part[]): Promise<void> {
    const ended = (): boolean => parts.every(({ handle, done }) => done || handle.ended);
    const count = (): number => parts.reduce((sum, { rows }) => sum + rows.length, 0);
    for (let before = -1; count() !== before;) {
      before = count();
      if (await this.#pool.until(ended, silenceMs)) return;
    }
  }

  /** A worker's answer; one that comes too late is for nobody. */
  take(message: Extract<FromWorker, { readonly type: "sessions" }>): void {
    if (message.question !== this.#question) return;
    const part = this.#parts[message.worker];
    if (part === undefined) return;
    for (const row of JSON.parse(message.rows) as SessionRow[]) part.rows.push(row);
    part.done = message.done;
  }
}

function missingWorker({ handle, rows }: Part): MissingWorker {
  const { worker, ended } = handle;
  const what = ended ? "has died" : `did not answer within ${silenceMs / 1000} s`;
  const some = rows.length > 0 ? `, after ${rows.length} session(s)` : "";
  return { worker, reason: `worker ${worker} ${what}${some}` };
}
