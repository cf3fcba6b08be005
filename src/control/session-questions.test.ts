import { describe, expect, it } from "vitest";
import type { FromWorker } from "./messages.ts";
import { SessionQuestions } from "./session-questions.ts";
import type { WorkerHandle } from "./worker-handle.ts";

const query = { frontend: "", backend: "", server: "", client: null, state: "", limit: 10 };

/** One worker, and a clock that stands still: `hears` says what comes before each limit passes. */
function pool(hears: ((questions: SessionQuestions) => void)[]): {
  readonly questions: SessionQuestions;
  readonly looks: () => number;
} {
  let looks = 0;
  const handle = { worker: 0, ended: false, send: () => {} } as unknown as WorkerHandle;
  const questions: SessionQuestions = new SessionQuestions({
    workers: [handle],
    until(fits) {
      hears[looks++]?.(questions);
      return Promise.resolve(fits());
    },
  });
  return { questions, looks: () => looks };
}

function part(rows: object[], done: boolean): (questions: SessionQuestions) => void {
  const message = { type: "sessions", worker: 0, question: 1, rows: JSON.stringify(rows), done };
  return (questions) => {
    questions.take(message as Extract<FromWorker, { readonly type: "sessions" }>);
  };
}

describe("a listing", () => {
  it("is waited for as long as it grows", async () => {
    const rows = [{ start: "1" }, { start: "2" }, { start: "3" }];
    const { questions } = pool(rows.map((row, i) => part([row], i === 2)));
    const listing = await questions.ask(query);
    expect(listing).toEqual({ sessions: rows.toReversed(), more: false, missing: [] });
  });

  it("is given up when nothing more comes, with what there is", async () => {
    const { questions, looks } = pool([part([{ start: "1" }], false)]);
    const listing = await questions.ask(query);
    const reason = "worker 0 did not answer within 2 s, after 1 session(s)";
    expect(listing?.missing).toEqual([{ worker: 0, reason }]);
    expect(listing?.sessions).toHaveLength(1);
    expect(looks()).toBe(2);
  });
});
