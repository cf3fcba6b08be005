// Environment variables inside values: `${NAME}` and `${NAME:-default}`; `$${` is a plain `${`. It
// works on one value after the YAML was read, so that a variable's content cannot add keys.
import { accept, quoted, type Reading, reject } from "./reading.ts";

const reference = /\$\$\{|\$\{([^}]*)(\}?)/g;
const inner = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

/** True when `text` needs substitute(). */
export function hasReference(text: string): boolean {
  return text.includes("${");
}

/**
 * Puts variables of `env` into `text`. The default also stands in for a variable that is set but
 * empty, as in a shell. A variable that is not set and has no default is refused.
 */
export function substitute(text: string, env: NodeJS.ProcessEnv): Reading<string> {
  let refused: Reading<never> | null = null;
  const result = text.replace(reference, (whole: string, body?: string, closing?: string) => {
    if (body === undefined) return "${";
    const reading = resolve(whole, body, closing ?? "", env);
    if (reading.ok) return reading.value;
    refused ??= reading;
    return "";
  });
  return refused ?? accept(result);
}

function resolve(
  whole: string,
  body: string,
  closing: string,
  env: NodeJS.ProcessEnv,
): Reading<string> {
  if (closing === "") {
    return reject(`${quoted(whole)} has no closing brace`, "Write ${NAME}, or $${ for a plain ${.");
  }
  const match = inner.exec(body);
  if (!match) {
    return reject(
      `${quoted(whole)} is not an environment variable`,
      "Write ${NAME} or ${NAME:-default}, or $${ for a plain ${.",
    );
  }
  const name = match[1] ?? "";
  const value = env[name];
  const fallback = match[2];
  if (fallback !== undefined) return accept(value === undefined || value === "" ? fallback : value);
  if (value !== undefined) return accept(value);
  return reject(
    `the environment variable ${quoted(name)} is not set`,
    `Set it, or give a default: \${${name}:-default}.`,
  );
}
