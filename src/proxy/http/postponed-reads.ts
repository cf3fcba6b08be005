// Sessions whose client has sent more requests than one turn of the reactor serves: each goes on a turn
// later, so that who pipelines thousands makes the others wait for a few of them only.
import type { Reactor, Timer, TimerHandler } from "../../reactor/reactor.ts";
import type { HttpSession } from "./http-session.ts";
import { readNext } from "./reading-requests.ts";

export class PostponedReads implements TimerHandler {
  readonly #timer: Timer;
  #sessions: HttpSession[];

  constructor(reactor: Reactor) {
    this.#timer = reactor.timer(this);
    this.#sessions = [];
  }

  add(session: HttpSession): void {
    session.postponed = true;
    session.client.pause();
    this.#sessions.push(session);
    if (!this.#timer.armed) this.#timer.arm(0);
  }

  onTimer(): void {
    const sessions = this.#sessions;
    this.#sessions = [];
    for (const session of sessions) {
      session.postponed = false;
      if (session.exchange === null && !session.closing && !session.client.closed) {
        readNext(session);
      }
    }
  }
}
