// Words of the configuration language that this version does not have yet. They get an error that
// says so, instead of "unknown key". Whoever builds one deletes its line here. diagnosis.ts asks.
import type { Path } from "./problem.ts";

/** Keys, by place; `*` stands for a name, and list indexes are left out. */
const keys: readonly string[] = [
  "frontends.*.routes.match.port",
  "backends.*.check.grpc",
  "backends.*.servers.*.check.grpc",
];

/** Values of keys that exist. */
const values: Readonly<Record<string, readonly string[]>> = {
  "backends.*.servers.*.tls.alpn": ["h2"],
  "backends.*.tls.alpn": ["h2"],
  "defaults.mode": ["udp"],
  "frontends.*.bind.tls.alpn": ["h2"],
  "frontends.*.mode": ["udp"],
};

/** Whether the key at `path` is a word that a later version will know. */
export function isLaterKey(path: Path): boolean {
  return keys.some((pattern) => matches(pattern, path));
}

/** Whether `value` is one that a later version will accept at `path`. */
export function isLaterValue(path: Path, value: string): boolean {
  return Object.entries(values).some(
    ([pattern, words]) => matches(pattern, path) && words.includes(value),
  );
}

function matches(pattern: string, path: Path): boolean {
  const steps = path.filter((step) => typeof step === "string");
  const wanted = pattern.split(".");
  if (steps.length !== wanted.length) return false;
  return wanted.every((step, index) => step === "*" || step === steps[index]);
}
