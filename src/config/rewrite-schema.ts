// The schema of `request` and `response`, of routes, frontends and backends alike. Which names of
// headers are refused, and that an operation does one thing, is said in rewrite-semantics.ts.
import { z } from "zod";
import type { HeadersConfig, RequestConfig, ResponseConfig } from "./http-config.ts";
import { headerTemplate, urlTemplate } from "./http-values.ts";
import { key, map, oneOrMore } from "./keys.ts";
import type { PathOperation } from "./rewrite-plan.ts";
import { hostRewrite, pathPrefix, removedName, replacement } from "./rewrite-values.ts";
import type { TemplatePlace } from "./template.ts";

function headers(place: TemplatePlace): z.ZodType<HeadersConfig> {
  const value = headerTemplate(place);
  return map(
    {
      set: key(
        z.record(z.string(), value).meta({ examples: [{ "x-real-ip": "{client.ip}" }] }),
        "By name; replaces what is there of that name.",
      ),
      add: key(
        z
          .record(z.string(), oneOrMore(value, "text with variables, or a list of them"))
          .meta({ examples: [{ via: "1.1 ballast" }] }),
        "By name; stands beside what is there of that name.",
      ),
      remove: key(
        oneOrMore(removedName, "name of a header, `x-internal-*`, or a list of them"),
        "What is taken out, before `set` and `add`.",
      ),
    },
    { set: { "x-real-ip": "{client.ip}" } },
  );
}

const operation = map(
  {
    stripPrefix: key(pathPrefix, "Takes this away from the beginning: of `/api/x` remains `/x`."),
    addPrefix: key(pathPrefix, "Puts this before it."),
    replacePrefix: key(
      z.record(z.string(), pathPrefix).meta({ examples: [{ "/old": "/new" }] }),
      "Puts one in the place of another: `{ /old: /new }`.",
    ),
    replace: key(
      z.record(z.string(), replacement).meta({ examples: [{ "~^/user/([0-9]+)": "/u/$1" }] }),
      "Puts a text, with the groups as `$1` to `$9`, in the place of what a regular expression matches first.",
    ),
    set: key(
      urlTemplate("request", /^[/{]/, "a path", "/{host}"),
      "The path as a whole; the query stays.",
    ),
  },
  { stripPrefix: "/api" },
);

/** Semantics has seen to it that there is one in each. */
function operationsOf(keys: z.infer<typeof operation>): PathOperation[] {
  const { stripPrefix, addPrefix, replacePrefix = {}, replace = {}, set } = keys;
  return [
    ...(stripPrefix === undefined ? [] : [{ kind: "stripPrefix", prefix: stripPrefix } as const]),
    ...(addPrefix === undefined ? [] : [{ kind: "addPrefix", prefix: addPrefix } as const]),
    ...Object.entries(replacePrefix).map(
      ([prefix, to]) =>
        ({ kind: "replacePrefix", prefix: withoutSlash(prefix), with: to }) as const,
    ),
    ...Object.entries(replace).map(
      ([pattern, to]) => ({ kind: "replace", pattern: pattern.slice(1), with: to }) as const,
    ),
    ...(set === undefined ? [] : [{ kind: "set", to: set } as const]),
  ];
}

function withoutSlash(prefix: string): string {
  return prefix === "/" ? prefix : prefix.replace(/\/+$/, "");
}

const path: z.ZodType<readonly PathOperation[]> = z
  .union([
    operation.transform(operationsOf),
    z
      .array(operation)
      .min(1)
      .transform((list) => list.flatMap(operationsOf)),
  ])
  .meta({ title: "object, or a list of them", examples: [{ stripPrefix: "/api" }] });

export const request: z.ZodType<RequestConfig> = map(
  {
    headers: key(headers("request"), "Its headers."),
    path: key(path, "What becomes of its path; of a list one after the other."),
    host: key(
      hostRewrite,
      "The host that the server sees. `server`: its own address. Default: as the client sent it.",
    ),
  },
  { headers: { set: { "x-real-ip": "{client.ip}" } } },
);

export const response: z.ZodType<ResponseConfig> = map(
  { headers: key(headers("response"), "Its headers.") },
  { headers: { remove: ["server"] } },
);
