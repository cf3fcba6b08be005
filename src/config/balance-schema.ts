// The schema of how a backend chooses: `balance`, and `stick` for the choices that it remembers.
// Both name what of a session counts: its key. backend-schema.ts imports it.
import { z } from "zod";
import {
  hashMethodNames,
  hashMethodSummary,
  policyNames,
  policySummary,
} from "../balance/registry.ts";
import { builtin, stickSizeMax } from "./builtin.ts";
import { notOneOf } from "./choice.ts";
import type { BalanceConfig, StickConfig } from "./config.ts";
import { valueMeantBy } from "./foreign-words.ts";
import { key, map } from "./keys.ts";
import { leaf } from "./leaf.ts";
import type { SessionKey } from "./plan.ts";
import { accept, type Reading, reject, shown } from "./reading.ts";
import { readSessionKey, sessionKeyForms, sessionKeyPattern } from "./session-key-values.ts";
import { bigCount, factor, positiveDuration } from "./value-schemas.ts";

const sessionKey: z.ZodType<SessionKey> = leaf(readSessionKey, {
  title: sessionKeyForms.map((form) => `\`${form}\``).join(", "),
  type: "string",
  pattern: sessionKeyPattern,
  examples: ["source"],
});

const balanceWord: z.ZodType<BalanceConfig> = leaf(readBalanceWord, {
  title: "name of a policy",
  enum: policyNames,
  examples: ["leastconn"],
});

function readBalanceWord(input: unknown): Reading<BalanceConfig> {
  if (input === "source") return accept({ hash: "source" });
  if (typeof input !== "string") return notOneOf(policyNames, input);
  if (policyNames.includes(input)) return accept({ policy: input });
  if (valueMeantBy(input, policyNames) === null) {
    const method = hashMethodNames.find((name) => name === input);
    const hashed = method ?? valueMeantBy(input, hashMethodNames);
    if (hashed !== null) {
      return reject(`${shown(input)} hashes`, `Write { hash: source, method: ${hashed} }.`);
    }
    if (readSessionKey(input).ok) {
      const quotes = input.includes(":") ? '"' : "";
      return reject(`${shown(input)} is hashed`, `Write { hash: ${quotes}${input}${quotes} }.`);
    }
  }
  return notOneOf(policyNames, input);
}

export const balance: z.ZodType<BalanceConfig> = z
  .union([
    balanceWord,
    map(
      {
        hash: sessionKey.meta({
          description:
            "What decides: `source` is the client's address, `sni` the server name that a TLS client " +
            "sends. In http mode also `uri` with the query, `path` without it, and a header, cookie " +
            "or parameter. Who has none is balanced like `roundrobin`.",
        }),
        method: key(
          z.enum(hashMethodNames),
          `How the key finds its server: ${hashMethodSummary}.`,
          builtin.hashMethod,
        ),
        boundedLoad: key(
          factor(1, 100),
          "No server gets more than this multiple of the mean load; what is above it goes to the " +
            "next in the hash's order. 1.25 to 2 are useful. Default: no bound.",
        ),
      },
      { hash: "source" },
    ),
  ])
  .meta({ title: `${policyNames.map((name) => `\`${name}\``).join(", ")}, or object` });

/** What the reference says of `balance`. */
export const balanceMeaning: string = `How a server is picked: ${policySummary}.`;

export const stick: z.ZodType<StickConfig> = map(
  {
    on: sessionKey.meta({
      description:
        "What is remembered, as for `hash`: `source`, the client's address, `sni`, the server name " +
        "that a TLS client sends, or in http mode something of the request. Who has none does not " +
        "stick.",
    }),
    expire: key(
      positiveDuration,
      "An entry that no session has used for so long is forgotten.",
      builtin.stick.expire,
    ),
    size: key(
      bigCount(1, stickSizeMax),
      "Entries at most; when all are taken, the oldest makes room. k is 1024, M is 1024 k.",
      builtin.stick.size,
    ),
  },
  { on: "source" },
);
