// The keys that http mode adds to a backend: cookie, retry, reuse. backend-schema.ts puts them there.
import { z } from "zod";
import { builtin, maxconnMax, retriesMax } from "./builtin.ts";
import { notOneOf } from "./choice.ts";
import type {
  BudgetConfig,
  CookieConfig,
  HttpServingConfig,
  RetryConfig,
  ReuseConfig,
} from "./http-config.ts";
import { heldBytesMax } from "./http-limits.ts";
import type { CookiePlan, RetryCause } from "./http-plan.ts";
import { cookieName, size, textOf } from "./http-values.ts";
import { key, map, oneOrMore } from "./keys.ts";
import { leaf } from "./leaf.ts";
import { accept, type Reading, reject, shown } from "./reading.ts";
import { count, duration, percent, positiveDuration } from "./value-schemas.ts";

const { retry: patience, reuse: pool } = builtin;

const retryCauses: readonly RetryCause[] = [
  "connFailure",
  "emptyResponse",
  "junkResponse",
  "responseTimeout",
  401,
  403,
  404,
  408,
  421,
  425,
  429,
  500,
  501,
  502,
  503,
  504,
];

const retryCause: z.ZodType<RetryCause> = leaf(readRetryCause, {
  title: retryCauses.map((cause) => `\`${cause}\``).join(", "),
  enum: retryCauses,
  examples: ["connFailure"],
});

function readRetryCause(input: unknown): Reading<RetryCause> {
  const cause = retryCauses.find((known) => known === input || String(known) === input);
  return cause === undefined ? notOneOf(retryCauses.map(String), input) : accept(cause);
}

const budget: z.ZodType<BudgetConfig> = z
  .union([
    percent(0).transform((share) => ({ percent: share })),
    map(
      {
        percent: key(
          percent(0),
          "Of the exchanges of the last ten seconds; 0: no budget.",
          patience.budget,
        ),
        min: key(
          count(0, maxconnMax),
          "Retries a second that are always allowed.",
          patience.budgetMin,
        ),
      },
      { percent: "20%", min: 10 },
    ),
  ])
  .meta({ title: "percentage, or object", examples: ["20%"] });

const retry: z.ZodType<RetryConfig> = map(
  {
    on: key(
      oneOrMore(retryCause, retryCauses.map((cause) => `\`${cause}\``).join(", ") + ", or a list"),
      "Why a request is sent again: the connect failed, the server closed without a byte of a " +
        "response, answered what is no HTTP, did not answer in time, or answered a status. " +
        `Default: [${patience.on.join(", ")}].`,
    ),
    attempts: key(
      count(0, retriesMax),
      "After the first one, whatever the causes. Default: `retries`.",
    ),
    perTryTimeout: key(
      duration,
      "For the head of the response, of each attempt. 0: `timeout.server` alone.",
      patience.perTryTimeout,
    ),
    budget: key(
      budget,
      "Retries at most, so that they do not bring down servers that are slow already.",
      patience.budget,
    ),
    maxBody: key(
      size(0, heldBytesMax),
      "Of a request's body, what is kept to be sent again; a longer one is sent once.",
      patience.maxBody,
    ),
    nonIdempotent: key(
      z.boolean(),
      "Also requests such as POST (RFC 9110 section 9.2.2) that the server may have processed.",
      patience.nonIdempotent,
    ),
  },
  { on: ["connFailure", "emptyResponse", 503] },
);

const reuseMode = z.enum(["always", "safe", "never"]);

const reuse: z.ZodType<ReuseConfig> = z
  .union([
    reuseMode.transform((mode) => ({ mode })),
    map(
      {
        mode: key(
          reuseMode,
          "`safe`: the first request of a client's connection takes an idle one only if it could be " +
            "sent again; `always`: every request does; `never`: a connection for each request.",
          pool.mode,
        ),
        maxIdle: key(
          count(0, maxconnMax),
          "Idle connections kept to each server, by each worker.",
          pool.maxIdle,
        ),
        idleTimeout: key(
          positiveDuration,
          "An idle one is closed after this time. It should be shorter than what the servers have: " +
            "who closes first decides whether a request is lost, and Node, Apache and uvicorn close " +
            "after 5s.",
          pool.idleTimeout,
        ),
        maxRequests: key(
          count(0, maxconnMax),
          "Requests over one connection. 0: no limit.",
          pool.maxRequests,
        ),
        maxAge: key(
          duration,
          "How old a connection may become before it is closed instead of kept. 0: no limit.",
          pool.maxAge,
        ),
      },
      { mode: "safe" },
    ),
  ])
  .meta({ title: "`always`, `safe`, `never`, or object", examples: ["safe"] });

type Optional<T> = z.ZodOptional<z.ZodType<T>>;

/** What `defaults` may say for backends. */
export const httpServing: {
  readonly [Name in keyof Required<HttpServingConfig>]: Optional<
    NonNullable<HttpServingConfig[Name]>
  >;
} = {
  retry: key(retry, "In http mode: when a request is sent again, unseen by the client."),
  reuse: key(reuse, "In http mode: whether connections to servers are used again.", pool.mode),
};

/** RFC 6265 section 4.1.1, without `~` and `|`, which stand between our value and others. */
export const cookieValue: z.ZodType<string> = leaf(readCookieValue, {
  title: "text",
  type: ["string", "number"],
  examples: ["s1"],
});

function readCookieValue(input: unknown): Reading<string> {
  const text = textOf(input, typeof input === "number");
  if (!text.ok || /^[!#-+./0-9:<-[\]-{}-]+$/.test(text.value)) return text;
  if (text.value === "") return reject("the value is empty", "Write one such as s1.");
  const hint = "Write letters, digits and . _ - only, such as s1.";
  return reject(`${shown(input)} cannot stand in a cookie`, hint);
}

/** An attribute of a cookie: anything but what ends it. */
function attribute(form: RegExp, example: string): z.ZodType<string> {
  const read = (input: unknown): Reading<string> => {
    const text = textOf(input);
    if (!text.ok || form.test(text.value)) return text;
    return reject(`${shown(input)} cannot stand in a cookie`, `Write one such as ${example}.`);
  };
  return leaf(read, { title: "text", type: "string", examples: [example] });
}

const sameSite: z.ZodType<NonNullable<CookiePlan["sameSite"]>> = z.enum(["Strict", "Lax", "None"]);

export const cookie: z.ZodType<CookieConfig> = z
  .union([
    cookieName.transform((name) => ({ name })),
    map(
      {
        name: cookieName.meta({ description: "Its name." }),
        mode: key(
          z.enum(["insert", "rewrite", "prefix", "passive"]),
          "`insert`: Ballast sets it; `rewrite`: the server does, and Ballast writes the value; " +
            "`prefix`: the server's own cookie gets the value in front, and loses it on the way " +
            "back; `passive`: the server does it all.",
          builtin.cookie.mode,
        ),
        indirect: key(
          z.boolean(),
          "The server does not see it, and who has it does not get it again.",
          false,
        ),
        nocache: key(z.boolean(), "A response that sets it is marked not to be cached.", false),
        postonly: key(z.boolean(), "Set in answers to POST alone.", false),
        preserve: key(z.boolean(), "One of that name that the server sets itself stays.", false),
        httpOnly: key(z.boolean(), "Scripts do not see it.", false),
        secure: key(z.boolean(), "Browsers send it over TLS alone.", false),
        sameSite: key(sameSite, "Whether it goes along from other sites. Default: not said."),
        domain: key(
          attribute(/^[A-Za-z0-9.-]+$/, "example.com"),
          "The domain that it is for. Default: not said.",
        ),
        path: key(attribute(/^\/[!-:<-~]*$/, "/"), "The path that it is for.", builtin.cookie.path),
        maxIdle: key(
          duration,
          "Who has not been seen for so long is given a server anew. 0: no limit.",
          0,
        ),
        maxLife: key(duration, "Who got it so long ago is given a server anew. 0: no limit.", 0),
      },
      { name: "SRV", mode: "insert" },
    ),
  ])
  .meta({ title: "name, or object", examples: [{ name: "SRV", mode: "insert" }] });
