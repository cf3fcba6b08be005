// The one description of a configuration file: which keys there are, what they hold, what they
// mean. Problems, the JSON Schema for editors and the reference page all come from here. What
// spans several keys is checked in semantics.ts and the files that it calls.
import { z } from "zod";
import { backend } from "./backend-schema.ts";
import { bindTls } from "./bind-tls-schema.ts";
import { builtin, maxconnMax, namePattern } from "./builtin.ts";
import type { Config } from "./config.ts";
import { global } from "./global-schema.ts";
import { httpServing } from "./http-backend-schema.ts";
import { httpFrontend, httpShared } from "./http-schema.ts";
import { key, map, oneOrMore } from "./keys.ts";
import { backendChoice } from "./route-schema.ts";
import {
  backendTimeouts,
  frontendTimeouts,
  redispatch,
  retries,
  tcpKeepalive,
} from "./shared-keys.ts";
import { bindAddress, count } from "./value-schemas.ts";

const mode = z.enum(["tcp", "http"]);

const defaults = z.strictObject({
  mode: key(mode, "For frontends that do not say it."),
  timeout: key(
    map({ ...backendTimeouts, ...frontendTimeouts }, { client: "5s" }),
    "Time limits, see Timeouts. 0 switches one off.",
  ),
  retries,
  redispatch,
  tcpKeepalive,
  ...httpShared,
  ...httpServing,
});

const bind = z
  .union([
    bindAddress.transform((address) => ({ address })),
    z.strictObject({
      address: bindAddress.describe("The address to listen on."),
      acceptProxy: key(
        z.boolean(),
        "Every connection must open with a PROXY protocol header, version 1 or 2.",
        builtin.acceptProxy,
      ),
      tls: key(bindTls, "TLS with clients. Default: none."),
    }),
  ])
  .meta({ title: "address or object" });

const frontend = z
  .strictObject({
    mode: key(
      mode,
      "What it balances: requests with `http`, connections with `tcp`. Required, here or in `defaults`.",
    ),
    bind: oneOrMore(bind, "address, object, or a list of them").meta({
      description: "Where it listens.",
      examples: ["127.0.0.1:80"],
    }),
    maxconn: key(
      count(0, maxconnMax),
      "Sessions at once, over all workers; further clients wait in the kernel's backlog. 0: no limit.",
      builtin.maxconn,
    ),
    backend: key(
      backendChoice,
      "The backend that takes the sessions, in http mode the requests, that no route matches. Beside " +
        "`routes` it may be left out: what matches none is closed then, or answered 404. In http mode " +
        "it may be several with their shares, `{ blue: 90, green: 10 }`.",
    ),
    tcpKeepalive,
    timeout: key(map(frontendTimeouts, { client: "5s" }), "Time limits of this frontend."),
    ...httpFrontend,
  })
  .meta({ examples: [{ mode: "tcp", bind: ":80", backend: "web" }] });

// Only told to editors: a refused key would hide what is wrong below it, so semantics.ts checks names.
const name = z.string().meta({ pattern: namePattern });

/** Reads a whole file's value. The issues of a failure go through diagnosis.ts. */
export const configSchema: z.ZodType<Config> = z.strictObject({
  global: key(global.meta({ examples: [{ workers: "auto" }] }), "The process as a whole."),
  defaults: key(
    defaults.meta({ examples: [{ mode: "tcp" }] }),
    "What frontends and backends inherit when they do not say it themselves.",
  ),
  frontends: z.record(name, frontend).meta({
    description: "Where clients connect, by name.",
    minProperties: 1,
    examples: [{ edge: { mode: "tcp", bind: ":80", backend: "web" } }],
  }),
  backends: z.record(name, backend).meta({
    description: "Groups of servers, by name.",
    minProperties: 1,
    examples: [{ web: { servers: { web1: "127.0.0.1:8001" } } }],
  }),
});
