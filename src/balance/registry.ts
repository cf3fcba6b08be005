// The balancing policies by name: one line each. What the configuration may say, and what
// selection.ts builds. A hash method is said as the `method` of a hash, so it is listed apart.
import { first } from "./first.ts";
import { hashPolicy } from "./hash-method.ts";
import { leastconn } from "./leastconn.ts";
import { leasttime } from "./leasttime.ts";
import { maglev } from "./maglev.ts";
import { modulo } from "./modulo.ts";
import { p2c } from "./p2c.ts";
import type { Policy } from "./policy.ts";
import { rendezvous } from "./rendezvous.ts";
import { ring } from "./ring.ts";
import { roundrobin } from "./roundrobin.ts";
import { weightedRandom } from "./weighted-random.ts";

const hashMethods: readonly Policy[] = [ring, maglev, rendezvous, modulo].map(hashPolicy);

/** The commonest hash in one word: the ring, of the client's address. */
const source: Policy = {
  ...hashPolicy(ring),
  name: "source",
  summary: "keeps each client address on one server (a hash on the ring)",
};

const policies: readonly Policy[] = [
  roundrobin,
  leastconn,
  leasttime,
  weightedRandom,
  p2c,
  first,
  source,
];

const byName = new Map([...policies, ...hashMethods].map((policy) => [policy.name, policy]));

/** What `balance` may be, in the order in which to list it. */
export const policyNames: readonly string[] = namesOf(policies);

/** What the `method` of a hash may be; the first is the default. */
export const hashMethodNames: readonly string[] = namesOf(hashMethods);

/** For the configuration reference: each name and what it picks. */
export const policySummary: string = summaryOf(policies);

/** The same of the methods. */
export const hashMethodSummary: string = summaryOf(hashMethods);

/** Throws an Error for a name in neither list; the configuration has checked it. */
export function policyNamed(name: string): Policy {
  const policy = byName.get(name);
  if (policy !== undefined) return policy;
  throw new Error(
    `no balancing policy is called ${name}; there are ${[...byName.keys()].join(", ")}`,
  );
}

function namesOf(all: readonly Policy[]): string[] {
  return all.map(({ name }) => name);
}

function summaryOf(all: readonly Policy[]): string {
  return all.map(({ name, summary }) => `\`${name}\` ${summary}`).join("; ");
}
