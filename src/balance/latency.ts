// How long a server takes, as policies see it: Finagle's peak EWMA. It follows a slower sample at
// once and forgets it slowly. Workers feed it; two that feed at once may lose one sample, which the
// next one mends.
import { serverField } from "../scoreboard/fields.ts";
import type { Scoreboard } from "../scoreboard/scoreboard.ts";

/** A sample of this age weighs 1/e. */
const decayMs = 10_000;
const clockMask = 0x7fff_ffff;

/** Takes a sample in microseconds, measured at `nowMs` of the monotonic clock. */
export function observeLatency(
  board: Scoreboard,
  row: number,
  sampleUs: number,
  nowMs: number,
): void {
  const { servers } = board;
  const sample = Math.max(1, Math.min(Math.round(sampleUs), clockMask));
  const before = servers.load(row, serverField.latencyUs);
  const now = Math.floor(nowMs) & clockMask;
  const ageMs = (now - servers.load(row, serverField.latencyAtMs)) & clockMask;
  const weight = Math.exp(-ageMs / decayMs);
  const value = sample > before ? sample : Math.round(before * weight + sample * (1 - weight));
  servers.store(row, serverField.latencyUs, value);
  servers.store(row, serverField.latencyAtMs, now);
}
