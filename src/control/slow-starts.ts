// Servers that come back and get their weight step by step: one timer for all that are on their way.
// server-states.ts begins them and publishes the steps; the weight of a moment is ServerStatus.weightAt().
import type { ServerStatus } from "./server-status.ts";

/** Steps of a slow start: fine enough to be smooth, few enough to be cheap. */
const stepMs = 250;

export class SlowStarts {
  readonly #onStep: (servers: readonly ServerStatus[]) => void;
  readonly #ramping: Set<ServerStatus>;
  #timer: NodeJS.Timeout | undefined;

  constructor(onStep: (servers: readonly ServerStatus[]) => void) {
    this.#onStep = onStep;
    this.#ramping = new Set();
    this.#timer = undefined;
  }

  begin(server: ServerStatus): void {
    server.rampFromMs = performance.now();
    this.#ramping.add(server);
    this.#timer ??= setInterval(() => this.#step(), stepMs).unref();
  }

  /** The last step of each is the one in which it has its whole weight. */
  #step(): void {
    const nowMs = performance.now();
    const servers = [...this.#ramping];
    for (const server of servers) if (server.rampedAt(nowMs)) this.#ramping.delete(server);
    this.#onStep(servers);
    if (this.#ramping.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
