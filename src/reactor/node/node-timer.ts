// A reusable timer over setTimeout, for the node reactor. Node's own timers may fire a little early
// against another clock and cannot wait longer than 2^31 - 1 ms, so the deadline is kept here.
import type { Timer, TimerHandler } from "../reactor.ts";
import type { NodeLoop } from "./node-loop.ts";

const timeoutMsMax = 2 ** 31 - 1;

export class NodeTimer implements Timer {
  armed: boolean;
  readonly #loop: NodeLoop;
  readonly #handler: TimerHandler;
  #deadlineMs: number;
  #timeout: NodeJS.Timeout | undefined;

  constructor(loop: NodeLoop, handler: TimerHandler) {
    this.armed = false;
    this.#loop = loop;
    this.#handler = handler;
    this.#deadlineMs = 0;
    this.#timeout = undefined;
  }

  get dueMs(): number {
    return this.armed ? this.#deadlineMs : Infinity;
  }

  arm(delayMs: number): void {
    if (this.#loop.stopped) return;
    this.armed = true;
    this.#loop.timers.add(this);
    this.#deadlineMs = this.#loop.nowMs + Math.max(0, delayMs);
    this.#wait();
  }

  cancel(): void {
    if (!this.armed) return;
    this.armed = false;
    this.#loop.timers.delete(this);
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }

  #wait(): void {
    clearTimeout(this.#timeout);
    const remainingMs = Math.ceil(this.#deadlineMs - this.#loop.nowMs);
    this.#timeout = setTimeout(this.#fire, Math.min(remainingMs, timeoutMsMax));
  }

  readonly #fire = (): void => {
    if (this.#loop.nowMs < this.#deadlineMs) {
      this.#wait();
      return;
    }
    this.cancel();
    try {
      this.#handler.onTimer(this);
    } catch (error) {
      this.#loop.thrown(error);
    }
  };
}
