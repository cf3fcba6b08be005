// PATCH of a server: what an operator wants of it. Everything that is asked for is looked at before
// anything is done, so that a refused request has changed nothing.
import type { AdminState } from "../server-status.ts";
import type { ServerStatus } from "../server-status.ts";
import type { ServerStates } from "../server-states.ts";
import { ApiError } from "./api-error.ts";
import { onlyKeys } from "./request-body.ts";

const stateWords: readonly string[] = ["ready", "drain", "maint"] satisfies AdminState[];
const weightMax = 256;

/** Workers see the change at their next pick once this has returned. */
export function changeServer(
  status: ServerStatus,
  body: Readonly<Record<string, unknown>>,
  states: ServerStates,
): void {
  onlyKeys(body, ["state", "weight"]);
  const { state, weight } = body;
  if (state === undefined && weight === undefined) {
    throw new ApiError(400, 'nothing to change: give "state", "weight" or both');
  }
  if (state !== undefined && !stateWords.includes(state as string)) {
    throw new ApiError(
      400,
      `"state": ${JSON.stringify(state)} is not known; it may be: ${stateWords.join(", ")}`,
    );
  }
  if (weight !== undefined && !isWeight(weight)) {
    throw new ApiError(
      400,
      `"weight": ${JSON.stringify(weight)} is not a whole number from 0 to ${weightMax}`,
    );
  }
  if (state !== undefined) states.setAdmin(status, state as AdminState);
  if (weight !== undefined) states.setWeight(status, weight as number);
  states.flush();
}

function isWeight(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= weightMax;
}
