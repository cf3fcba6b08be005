// What clients get when the answer is ours and bad news: a short page for each status, or the one that
// the frontend's `errors` has instead. Made when the plan is built.
import type { ErrorPage } from "../../../config/http-plan.ts";
import { errorAnswer, type LocalAnswer, noteOf } from "./local-answer.ts";

/** Statuses that the parser, the routes and the exchange itself answer with. */
const statuses = [
  400, 403, 404, 405, 408, 411, 413, 414, 417, 421, 426, 429, 431, 500, 501, 502, 503, 504, 505,
];

export class ErrorAnswers {
  readonly #answers: Map<number, LocalAnswer>;
  readonly #hsts: string;

  constructor(pages: readonly ErrorPage[], hsts: string) {
    this.#hsts = hsts;
    this.#answers = new Map(statuses.map((status) => [status, plainAnswer(status, hsts)]));
    for (const { status, body, contentType } of pages) {
      this.#answers.set(status, errorAnswer(status, body, contentType, hsts));
    }
  }

  /** Any status: one that is not foreseen is made when it is first wanted. */
  of(status: number): LocalAnswer {
    let answer = this.#answers.get(status);
    if (answer === undefined) {
      answer = plainAnswer(status, this.#hsts);
      this.#answers.set(status, answer);
    }
    return answer;
  }
}

function plainAnswer(status: number, hsts: string): LocalAnswer {
  return errorAnswer(status, Buffer.from(noteOf(status)).toString("latin1"), "", hsts);
}
