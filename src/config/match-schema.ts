// The schema of a route's `match`. route-schema.ts puts it into the whole.
import { z } from "zod";
import { builtin } from "./builtin.ts";
import { httpMethod } from "./check-values.ts";
import type { FieldValues, MatchConfig } from "./http-config.ts";
import { heldBytesMax } from "./http-limits.ts";
import { network, size } from "./http-values.ts";
import { key, map, oneOrMore } from "./keys.ts";
import {
  absent,
  bodyText,
  hostMatch,
  jsonPointer,
  jsonValueMatch,
  pathMatch,
  valueMatch,
} from "./match-values.ts";
import type { BodyMatch } from "./route-plan.ts";
import { serverNameMatch } from "./server-name-values.ts";
import { alpnName } from "./tls-values.ts";

const fieldValues: z.ZodType<FieldValues> = z
  .union([absent, oneOrMore(valueMatch, "value, or a list of them")])
  .meta({ title: 'text, `"*"`, `"abc*"`, `~regex`, a list of them, or `false`' });

function fields(
  example: Readonly<Record<string, unknown>>,
): z.ZodType<Record<string, FieldValues>> {
  return z.record(z.string(), fieldValues).meta({ examples: [example] });
}

const bodyKeys = map(
  {
    contains: key(bodyText, "A text that it contains. Of this and `pointer` one is written."),
    pointer: key(jsonPointer, "It is JSON and has something at this place (RFC 6901)."),
    value: key(
      oneOrMore(jsonValueMatch, "value, or a list of them"),
      "What stands at `pointer`: a text, number or boolean as it is written. Default: anything.",
    ),
  },
  { pointer: "/type", value: "order" },
);

const bodyMatch: z.ZodType<BodyMatch> = bodyKeys.transform(
  ({ contains, pointer = "", value }): BodyMatch =>
    contains === undefined
      ? { kind: "pointer", pointer, values: value ?? [{ kind: "any", value: "" }] }
      : { kind: "contains", text: contains },
);

export const match: z.ZodType<MatchConfig> = map(
  {
    host: key(
      oneOrMore(hostMatch, "host, `*.suffix`, or a list of them"),
      "The host that the request names, without its port. `*.example.com` matches what ends so, not `example.com` itself.",
    ),
    path: key(
      oneOrMore(pathMatch, "path, `/prefix/*`, `~regex`, or a list of them"),
      "The path as it was sent, without the query. `/a/*` matches `/a` and all below it; a regular " +
        "expression is found anywhere in it.",
    ),
    method: key(oneOrMore(httpMethod, "method, or a list of them"), "The method."),
    header: key(
      fields({ "x-beta": "1" }),
      'Headers by name: a value, or a list of which one must be there. `"*"`: any; `"abc*"`: begins ' +
        "so; `~regex`; `false`: the header must not be there.",
    ),
    query: key(fields({ v: "2" }), "Parameters of the query, in the same way."),
    cookie: key(fields({ group: "b" }), "Cookies, in the same way."),
    source: key(
      oneOrMore(network, "address or network, or a list of them"),
      "The client's address.",
    ),
    sni: key(
      oneOrMore(serverNameMatch, "server name, `*.suffix`, or a list of them"),
      "The name that the client asks for in TLS, whether Ballast speaks it or the server. " +
        "`*.example.com` matches what ends so, not `example.com` itself.",
    ),
    alpn: key(
      oneOrMore(alpnName, "name of a protocol, or a list of them"),
      "A protocol that the client offers in TLS (ALPN).",
    ),
    body: key(
      oneOrMore(bodyMatch, "object, or a list of them"),
      "What the request's body holds. It is held back until it is here; one that is longer than " +
        "`maxBody` does not match.",
    ),
    maxBody: key(
      size(1, heldBytesMax),
      "Of a body, what is held back to look at.",
      builtin.matchBody,
    ),
  },
  { host: "*.example.com", path: "/images/*" },
);
