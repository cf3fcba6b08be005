// Passive checks: servers on which real traffic fails are taken out for a time. Workers write what
// they see to the scoreboard; this looks at it, ten times a second, for backends that want it.
import type { Plan } from "../../config/plan.ts";
import type { WatchContext, Watcher } from "../watchers.ts";
import { BackendOutliers } from "./backend-outliers.ts";

/** Between two looks at `trips`: so long a server that fails at least gets new sessions. */
const lookMs = 100;

export class Outliers implements Watcher {
  readonly #context: WatchContext;
  /** By backend: those with an OutlierPlan. */
  readonly #backends: Map<string, BackendOutliers>;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: WatchContext) {
    this.#context = context;
    this.#backends = new Map();
    this.#timer = undefined;
  }

  apply(plan: Plan): void {
    const nowMs = performance.now();
    const off = new Map(this.#backends);
    for (const { name, outlier } of plan.backends) {
      if (outlier === null) continue;
      off.delete(name);
      const known = this.#backends.get(name) ?? new BackendOutliers(outlier, this.#context, nowMs);
      this.#backends.set(name, known);
      known.replan(outlier, this.#context.states.backends.get(name)?.members ?? [], nowMs);
    }
    for (const [name, backend] of off) {
      backend.close();
      this.#backends.delete(name);
    }
    if (this.#backends.size > 0) this.#timer ??= setInterval(() => this.#look(), lookMs).unref();
    else this.close();
  }

  #look(): void {
    const nowMs = performance.now();
    for (const backend of this.#backends.values()) backend.look(nowMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
