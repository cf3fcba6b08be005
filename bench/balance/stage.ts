// A backend on a scoreboard of its own, and one worker's policy for it: what the micro bench and
// the plots pick from. Nothing but the balancing and the scoreboard runs; sessions are numbers.
import { type Candidates, type Picker, PickRequest } from "../../src/balance/policy.ts";
import { type Random, seededRandom } from "../../src/balance/random.ts";
import { policyNamed } from "../../src/balance/registry.ts";
import { backendField, serverField } from "../../src/scoreboard/fields.ts";
import { weightUnit } from "../../src/scoreboard/layout.ts";
import { ServerState } from "../../src/scoreboard/server-state.ts";
import {
  type ControlScoreboard,
  createScoreboard,
  openScoreboard,
  type WorkerScoreboard,
} from "../../src/scoreboard/scoreboard.ts";

export interface StageOptions {
  readonly policy: string;
  /** As the configuration has them; by server. */
  readonly weights: readonly number[];
  /** Default: s000, s001, ... */
  readonly names?: readonly string[];
  readonly boundedLoad?: number;
  readonly seed?: number;
}

export class Stage {
  readonly control: ControlScoreboard;
  readonly worker: WorkerScoreboard;
  readonly candidates: Candidates;
  readonly picker: Picker;
  readonly request: PickRequest;
  readonly random: Random;

  constructor(options: StageOptions) {
    const { weights, seed = 1 } = options;
    const count = weights.length;
    const memory = createScoreboard({ workers: 1, servers: count, backends: 1, frontends: 1 });
    this.control = openScoreboard(memory, null);
    this.worker = openScoreboard(memory, 0);
    this.request = new PickRequest();
    this.random = seededRandom(seed);
    for (const [row, weight] of weights.entries()) {
      this.control.setServer(0, row, ServerState.up, Math.round(weight * weightUnit));
    }
    this.candidates = {
      count,
      rows: Int32Array.from(weights.keys()),
      weights: Int32Array.from(weights, (weight) => Math.round(weight * weightUnit)),
      names: options.names ?? namesOf(count),
      places: Int32Array.from(weights.keys()),
    };
    const policy = policyNamed(options.policy);
    const cells = policy.tableCells?.(count);
    const table = cells === undefined ? null : new Int32Array(new SharedArrayBuffer(4 * cells));
    if (table !== null) policy.fill?.(this.candidates, table);
    this.picker = policy.prepare(this.candidates, {
      board: this.worker,
      backend: 0,
      random: seededRandom(seed + 1),
      options: { boundedLoad: options.boundedLoad ?? 0 },
      table,
    });
  }

  /** The next pick, for a session of this key. */
  pick(key: number): number {
    this.request.key = key;
    return this.picker.pick(this.request);
  }

  begin(server: number): void {
    this.worker.servers.gaugeAdd(server, serverField.active, 1);
    this.worker.backends.gaugeAdd(0, backendField.placed, 1);
  }

  end(server: number): void {
    this.worker.servers.gaugeAdd(server, serverField.active, -1);
    this.worker.backends.gaugeAdd(0, backendField.placed, -1);
  }

  active(server: number): number {
    return this.worker.servers.gauge(server, serverField.active);
  }
}

export function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `s${String(i).padStart(3, "0")}`);
}

export function equalWeights(count: number): number[] {
  return Array.from({ length: count }, () => 1);
}
