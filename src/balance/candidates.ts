// From usable servers to what a policy is given. The workers' selection and the control plane's
// hash tables make the same candidates from the same scoreboard.
import { serverField } from "../scoreboard/fields.ts";
import type { Scoreboard } from "../scoreboard/scoreboard.ts";
import type { Candidates } from "./policy.ts";

/** A server as the plan has it. */
export interface NamedRow {
  readonly name: string;
  readonly row: number;
}

/** `places`: indexes of `servers`, as usableServers() gives them. */
export function candidatesAt(
  places: Int32Array,
  servers: readonly NamedRow[],
  board: Scoreboard,
): Candidates {
  const chosen = Array.from(places, (place) => servers[place] as NamedRow);
  const rows = Int32Array.from(chosen, ({ row }) => row);
  // A weight that fell to 0 in between still counts as the least there is.
  const weights = rows.map((row) => Math.max(1, board.servers.load(row, serverField.weight)));
  return { count: chosen.length, rows, weights, names: chosen.map(({ name }) => name), places };
}
