// The last state changes of every server, for the admin API. Bounded for each server, and gone with
// it: the map does not keep a server that no plan names any more.
import { serverStateNames } from "../../scoreboard/server-state.ts";
import type { ServerStates, Transition } from "../server-states.ts";
import type { ServerStatus } from "../server-status.ts";

const keptMax = 10;

/** A server came from one state to another. */
export interface TransitionView {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export class TransitionHistory {
  readonly #kept: WeakMap<ServerStatus, TransitionView[]>;

  constructor(states: ServerStates) {
    this.#kept = new WeakMap();
    states.onTransition((transition) => this.#note(transition));
  }

  /** The newest first. */
  of(server: ServerStatus): readonly TransitionView[] {
    return this.#kept.get(server) ?? [];
  }

  #note({ server, from, to, reason }: Transition): void {
    const kept = this.#kept.get(server) ?? [];
    const [fromWord = "", toWord = ""] = [serverStateNames[from], serverStateNames[to]];
    kept.unshift({ time: new Date().toISOString(), from: fromWord, to: toWord, reason });
    kept.length = Math.min(kept.length, keptMax);
    this.#kept.set(server, kept);
  }
}
