// How often responders are asked, and how long they may take. Numbers only; followed.ts and responses.ts
// go by them, tests have their own.

export interface OcspPace {
  /** For one question, redirects included. */
  readonly timeoutMs: number;
  /** After the first failure; twice as long after each more, up to the most. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Between a response and the next question; in between it is half of the response's life. */
  readonly refreshMinMs: number;
  readonly refreshMaxMs: number;
  /** After a new response others are waited for so long: each set costs every worker new contexts. */
  readonly gatherMs: number;
}

const minuteMs = 60_000;

export const usualOcspPace: OcspPace = {
  timeoutMs: 10_000,
  retryMinMs: minuteMs,
  retryMaxMs: 60 * minuteMs,
  refreshMinMs: minuteMs,
  refreshMaxMs: 24 * 60 * minuteMs,
  gatherMs: 1000,
};

/** A wait, up to a tenth shorter: not everybody asks in the same moment. */
export function jittered(ms: number): number {
  return ms * (1 - Math.random() / 10);
}
