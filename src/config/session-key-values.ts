// What of a session or request may be hashed, or remembered. balance-schema.ts and the checks of
// modes read it here.
import { isHeaderName } from "./check-values.ts";
import { notOneOf } from "./choice.ts";
import type { SessionKey } from "./plan.ts";
import { accept, type Reading, reject, shown } from "./reading.ts";
import { nearest } from "./suggestion.ts";

const plain = ["source", "sni", "uri", "path"] as const;
const named = ["header", "cookie", "query"] as const;

/** As the reference shows them. */
export const sessionKeyForms: readonly string[] = [
  ...plain,
  ...named.map((word) => `${word}:NAME`),
];

/** What an editor checks. */
export const sessionKeyPattern = "^(source|sni|uri|path|(header|cookie|query):.+)$";

/** The name of a header in lower case. */
export function readSessionKey(input: unknown): Reading<SessionKey> {
  const found = plain.find((word) => word === input);
  if (found !== undefined) return accept(found);
  const text = typeof input === "string" ? input : "";
  const colon = text.indexOf(":");
  const kind = named.find((word) => word === text.slice(0, Math.max(colon, 0)));
  const name = text.slice(colon + 1);
  if (kind !== undefined && isHeaderName(name)) {
    const key: SessionKey = kind === "header" ? `header:${name.toLowerCase()}` : `${kind}:${name}`;
    return accept(key);
  }
  const bare = kind ?? named.find((word) => word === text);
  if (bare !== undefined) {
    const example = bare === "header" ? "x-user" : "user";
    const hint = `Write the name behind it, such as ${bare}:${example}.`;
    return reject(`${shown(input)} names nothing`, hint);
  }
  const meant = colon > 0 ? nearest(text.slice(0, colon), named) : null;
  if (meant === null) return notOneOf(sessionKeyForms, input);
  return reject(`${shown(input)} is not what a session has`, `Did you mean "${meant}:${name}"?`);
}

/** Whether a session in tcp mode has none of this. */
export function needsHttp(key: SessionKey): boolean {
  return key !== "source" && key !== "sni";
}
