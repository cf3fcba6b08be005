// A value that is none of the words that it may be: what to say. diagnosis.ts and the readers of
// words call it.
import { valueMeantBy } from "./foreign-words.ts";
import { type Refusal, reject, shown } from "./reading.ts";
import { nearest } from "./suggestion.ts";

/** Why `value` is refused where one of `words` must stand, with the word that it most likely means. */
export function notOneOf(words: readonly string[], value: unknown): Refusal {
  const meant =
    typeof value === "string" ? (valueMeantBy(value, words) ?? nearest(value, words)) : null;
  const list = words.length === 1 ? words[0] : `one of ${words.join(", ")}`;
  const hint = meant === null ? `Write ${list}.` : `Did you mean "${meant}"?`;
  return reject(`${shown(value)} is not ${list}`, hint);
}
