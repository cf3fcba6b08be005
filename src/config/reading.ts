// The result of reading one value of a configuration: what it means, or why it means nothing.
// Readers (durations, addresses, ...) return it instead of throwing, so that all mistakes of a file
// can be told at once. It imports nothing.

/** A value understood, or a message (no full stop) and a hint (a sentence) for the operator. */
export type Reading<T> = { readonly ok: true; readonly value: T } | Refusal;

export interface Refusal {
  readonly ok: false;
  readonly message: string;
  readonly hint: string;
}

export function accept<T>(value: T): Reading<T> {
  return { ok: true, value };
}

export function reject(message: string, hint: string): Refusal {
  return { ok: false, message, hint };
}

const shownMax = 60;

/** Text from a file as a message may show it: quoted, short, without control characters. */
export function quoted(text: string): string {
  const short = text.length > shownMax ? `${text.slice(0, shownMax)}...` : text;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What a value is, in a message: `"text"`, `5`, `a list`, `a map`, `nothing`. */
export function shown(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "nothing";
}
