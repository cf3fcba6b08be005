// The three ways in which log lines write a time. Sessions that end together mostly began together,
// so the text of the last second is kept: making it anew costs more than the rest of a line.
// Milliseconds are since the epoch and never read from a clock here.

const months = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** The text of one second, made by `format` when another second is asked for. */
class SecondText {
  readonly #format: (date: Date) => string;
  #second: number;
  #text: string;

  constructor(format: (date: Date) => string) {
    this.#format = format;
    this.#second = Number.NaN;
    this.#text = "";
  }

  of(second: number): string {
    if (second !== this.#second) {
      this.#second = second;
      this.#text = this.#format(new Date(second * 1000));
    }
    return this.#text;
  }
}

const isoSecond = new SecondText((date) => date.toISOString().slice(0, 19));
const localSecond = new SecondText((date) => {
  const day = dayText(date.getDate(), date.getMonth(), date.getFullYear());
  return `${day}:${clockText(date.getHours(), date.getMinutes(), date.getSeconds())}`;
});
const utcSecond = new SecondText((date) => {
  const day = dayText(date.getUTCDate(), date.getUTCMonth(), date.getUTCFullYear());
  return `${day}:${clockText(date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds())}`;
});

/** ISO 8601 in UTC: `2026-11-20T22:40:35.123Z`. */
export function isoTime(epochMs: number): string {
  return `${isoSecond.of(secondOf(epochMs))}.${millisecondText(epochMs)}Z`;
}

/** HAProxy's `%t`, in local time: `20/Nov/2026:22:40:35.123`. */
export function localTime(epochMs: number): string {
  return `${localSecond.of(secondOf(epochMs))}.${millisecondText(epochMs)}`;
}

/** HAProxy's `%T`, in UTC as CLF wants it: `20/Nov/2026:22:40:35 +0000`. */
export function utcTime(epochMs: number): string {
  return `${utcSecond.of(secondOf(epochMs))} +0000`;
}

/** HAProxy's `%ms`: the three digits behind the second. */
export function millisecondText(epochMs: number): string {
  const milliseconds = Math.floor(epochMs) - secondOf(epochMs) * 1000;
  if (milliseconds >= 100) return String(milliseconds);
  return milliseconds >= 10 ? `0${milliseconds}` : `00${milliseconds}`;
}

function secondOf(epochMs: number): number {
  return Math.floor(epochMs / 1000);
}

function dayText(day: number, month: number, year: number): string {
  return `${twoDigits(day)}/${months.slice(month * 3, month * 3 + 3)}/${year}`;
}

function clockText(hours: number, minutes: number, seconds: number): string {
  return `${twoDigits(hours)}:${twoDigits(minutes)}:${twoDigits(seconds)}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
