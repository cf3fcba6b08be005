// The balancing policies by name: one line each. What the configuration may say, and what
// selection.ts builds.
import { leastconn } from "./leastconn.ts";
import type { Policy } from "./policy.ts";
import { roundrobin } from "./roundrobin.ts";

const policies: readonly Policy[] = [roundrobin, leastconn];

const byName = new Map(policies.map((policy) => [policy.name, policy]));

/** What `balance` may be, in the order in which to list it. */
export const policyNames: readonly string[] = [
  ...policies.map(({ name }) => name),
  "leasttime",
  "random",
  "p2c",
  "first",
  "source",
];

/** What the `method` of a hash may be; the first is the default. */
export const hashMethodNames: readonly string[] = ["ring", "maglev", "rendezvous", "modulo"];

/** For the configuration reference: each name and what it picks. */
export const policySummary: string = policies
  .map(({ name, summary }) => `\`${name}\` ${summary}`)
  .join("; ");

/** The same of the methods. */
export const hashMethodSummary: string = hashMethodNames.map((name) => `\`${name}\``).join("; ");

/** Throws an Error for a name that is not in policyNames; the configuration has checked it. */
export function policyNamed(name: string): Policy {
  const policy = byName.get(name);
  if (policy !== undefined) return policy;
  throw new Error(`no balancing policy is called ${name}; there are ${policyNames.join(", ")}`);
}
