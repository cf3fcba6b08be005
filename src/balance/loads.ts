// The loads that policies compare: sessions on a server, active and queued, over all workers. The
// places of the numbers are computed once for a set of candidates, so that a look at one is two
// reads of one cache line; a thousand of them is what the slowest policies do at each pick.
import { serverField } from "../scoreboard/fields.ts";
import type { Scoreboard } from "../scoreboard/scoreboard.ts";
import type { Candidates } from "./policy.ts";

/** From a server's `active` to its other numbers, in cells. */
export const queuedBeside: number = serverField.queued - serverField.active;
export const latencyBeside: number = serverField.latencyUs - serverField.active;
export const latencyAtBeside: number = serverField.latencyAtMs - serverField.active;

export class Loads {
  /** The scoreboard's; only to be read. */
  readonly cells: Int32Array;
  /** Where `active` is, by candidate. */
  readonly places: Int32Array;

  constructor({ rows }: Candidates, { servers }: Scoreboard) {
    this.cells = servers.cells;
    this.places = rows.map((row) => servers.cellAt(row, serverField.active));
  }

  of(candidate: number): number {
    const place = this.places[candidate] as number;
    return ((this.cells[place] as number) + (this.cells[place + queuedBeside] as number)) | 0;
  }
}
