// Query parameters of the admin API: names, words and numbers, or a 400 that names the parameter and
// says what it may be. A parameter that nobody knows is refused too: ignored, it would answer a
// question that was not asked.
import { ApiError } from "./api-error.ts";

export type Parameters = ReadonlyMap<string, string>;

/** Throws unless every parameter is one of `known`, and given once, and not empty. */
export function readParameters(query: URLSearchParams, known: readonly string[]): Parameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of query) {
    if (!known.includes(name)) {
      const allowed = known.length === 0 ? "none is known here" : `known are: ${known.join(", ")}`;
      throw new ApiError(400, `there is no parameter ${JSON.stringify(name)}; ${allowed}`);
    }
    if (parameters.has(name)) throw new ApiError(400, `the parameter ${name} is given twice`);
    if (value === "") {
      throw new ApiError(400, `the parameter ${name} is empty; leave it out to get all`);
    }
    parameters.set(name, value);
  }
  return parameters;
}

/** One of `words`; empty when it is not given. */
export function wordOf(parameters: Parameters, name: string, words: readonly string[]): string {
  const value = parameters.get(name) ?? "";
  if (value === "" || words.includes(value)) return value;
  throw new ApiError(
    400,
    `${name}=${JSON.stringify(value)} is not known; it may be: ${words.join(", ")}`,
  );
}

const limitDefault = 100;
const limitMax = 10_000;

/** How many rows are wanted. */
export function limitOf(parameters: Parameters): number {
  const text = parameters.get("limit");
  if (text === undefined) return limitDefault;
  const limit = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= limitMax) return limit;
  throw new ApiError(
    400,
    `limit=${JSON.stringify(text)} is no number of rows; it may be 1 to ${limitMax}`,
  );
}
