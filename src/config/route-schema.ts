// The schema of `routes`: what a request must be, and what becomes of it then. http-schema.ts puts it
// into a frontend; that a route does one thing is said in route-semantics.ts.
import { z } from "zod";
import { builtin, weightMax } from "./builtin.ts";
import type { BackendWeights, RedirectConfig, RespondConfig, RouteConfig } from "./http-config.ts";
import { contentType, headerTemplate, textOf, urlTemplate } from "./http-values.ts";
import { key, map } from "./keys.ts";
import { leaf } from "./leaf.ts";
import { match } from "./match-schema.ts";
import { accept, quoted, type Reading, reject, shown } from "./reading.ts";
import { request, response } from "./rewrite-schema.ts";
import type { RedirectPlan } from "./route-plan.ts";
import { backendName } from "./shared-keys.ts";
import { count } from "./value-schemas.ts";

/** One backend, or several by weight. */
export const backendChoice: z.ZodType<BackendWeights> = z
  .union([
    backendName.transform((name): BackendWeights => ({ [name]: 1 })),
    z.record(z.string(), count(0, weightMax)).meta({
      minProperties: 1,
      examples: [{ blue: 90, green: 10 }],
    }),
  ])
  .meta({ title: "name of a backend, or weights by name", examples: ["web"] });

const redirectStatuses = [301, 302, 303, 307, 308] as const;

const redirectStatus: z.ZodType<RedirectPlan["status"]> = leaf(readRedirectStatus, {
  title: redirectStatuses.map((status) => `\`${status}\``).join(", "),
  enum: redirectStatuses,
  examples: [builtin.redirectStatus],
});

function readRedirectStatus(input: unknown): Reading<RedirectPlan["status"]> {
  const status = redirectStatuses.find((known) => known === Number(input));
  if (status !== undefined && typeof input !== "boolean") return accept(status);
  const hint =
    "Write 301 or 308 for good, 302 or 307 for now (307 and 308 keep the method), or 303.";
  return reject(`${shown(input)} is not the status of a redirect`, hint);
}

const redirectTo = urlTemplate(
  "answer",
  /^(\/|\{|[a-zA-Z][a-zA-Z0-9+.-]*:)/,
  "a path or URL",
  "https://{host}{uri}",
);

const redirect: z.ZodType<RedirectConfig> = z
  .union([
    redirectTo.transform((to) => ({ to })),
    map(
      {
        to: key(
          redirectTo,
          "Where to: a path or a URL. May hold variables. Of this and `scheme` one is written.",
        ),
        scheme: key(
          z.enum(["https"]),
          "To the same host, path and query with https. Requests that came over TLS already do not " +
            "match the route.",
        ),
        port: key(count(1, 65_535), "With `scheme`: the port there. Default: 443."),
        status: key(
          redirectStatus,
          `The status. Default: ${builtin.redirectStatus}, with \`scheme\` ${builtin.schemeStatus}.`,
        ),
      },
      { to: "/new", status: 301 },
    ),
  ])
  .meta({ title: "path or URL, or object", examples: ["/new"] });

const respondStatus: z.ZodType<number> = leaf(readRespondStatus, {
  title: "200 to 599",
  type: "integer",
  minimum: 200,
  maximum: 599,
  examples: [403],
});

function readRespondStatus(input: unknown): Reading<number> {
  const status = typeof input === "string" && /^[0-9]{3}$/.test(input) ? Number(input) : input;
  if (typeof status === "number" && Number.isInteger(status) && status >= 200 && status <= 599) {
    return accept(status);
  }
  return reject(`${shown(input)} is not the status of a response`, "Write one from 200 to 599.");
}

const bodyText: z.ZodType<string> = leaf((input) => textOf(input, true), {
  title: "text",
  type: ["string", "number", "boolean"],
  examples: ["no\n"],
});

const respond: z.ZodType<RespondConfig> = z
  .union([
    respondStatus.transform((status) => ({ status })),
    map(
      {
        status: key(respondStatus, "The status.", builtin.respondStatus),
        body: key(bodyText, "The body, as it is. Default: none."),
        headers: key(
          z
            .record(z.string(), headerTemplate("answer"))
            .meta({ examples: [{ "cache-control": "no-store" }] }),
          "Further headers, by name. May hold variables.",
        ),
        contentType: key(contentType, "What the body is.", builtin.contentType),
      },
      { status: 403, body: "no\n" },
    ),
  ])
  .meta({ title: "status, or object", examples: [403] });

const routeName: z.ZodType<string> = leaf(readRouteName, {
  title: "text",
  type: "string",
  pattern: "^[!-~]{1,64}$",
  examples: ["images"],
});

/** It stands in logs, between blanks. */
function readRouteName(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok || /^[!-~]{1,64}$/.test(text.value)) return text;
  return reject(`${quoted(text.value)} cannot be a name`, "Write up to 64 characters, no blanks.");
}

const route: z.ZodType<RouteConfig> = map(
  {
    name: key(routeName, "For logs. Default: its place in the list, from 1."),
    match: key(
      match,
      "What a request must be. All that is written must hold; of a list one. Default: every request matches.",
    ),
    backend: key(
      backendChoice,
      "The backend that takes it, or several with their shares: `{ blue: 90, green: 10 }`. Of " +
        "`backend`, `redirect` and `respond` each route has one.",
    ),
    redirect: key(redirect, "The client is sent elsewhere."),
    respond: key(respond, "It is answered at once."),
    request: key(request, "How requests of this route are changed."),
    response: key(response, "How their responses are changed."),
  },
  { match: { path: "/images/*" }, backend: "images" },
);

export const routes: z.ZodType<readonly RouteConfig[]> = z.array(route).meta({
  title: "list of routes",
  examples: [[{ match: { path: "/images/*" }, backend: "images" }]],
});
