// The one description of a configuration file: which keys there are, what they hold, what they
// mean. Problems, the JSON Schema for editors and the reference page all come from here. What
// spans several keys is checked in semantics.ts.
import { z } from "zod";
import { policyNames, policySummary } from "../balance/registry.ts";
import { builtin, maxconnMax, namePattern, retriesMax, weightMax } from "./builtin.ts";
import type { Config } from "./config.ts";
import {
  accessLog,
  admin,
  bindAddress,
  count,
  duration,
  serverAddress,
  workers,
} from "./value-schemas.ts";

const time = builtin.timeout;

/** A map with an example of it, which hints and editors show. */
function map<Shape extends z.ZodRawShape>(
  shape: Shape,
  example: Readonly<Record<string, unknown>>,
) {
  return z.strictObject(shape).meta({ examples: [example] });
}

/** An optional key: its meaning and what holds without it. */
function key<T>(schema: z.ZodType<T>, description: string, fallback?: unknown) {
  return schema.optional().meta({
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
}

const frontendTimeouts = {
  client: key(duration, "The client neither sends nor takes what waits for it.", time.client),
  clientFin: key(
    duration,
    "One direction of a session has ended and the other is silent.",
    time.clientFin,
  ),
  clientHs: key(
    duration,
    "What opens a connection, the PROXY protocol header, must be complete by then.",
    time.clientHs,
  ),
};

const backendTimeouts = {
  connect: key(duration, "Connecting to a server, each attempt by itself.", time.connect),
  server: key(duration, "The server neither sends nor takes what waits for it.", time.server),
  tunnel: key(
    duration,
    "Both sides of an established session are silent. See Timeouts for what it replaces.",
    time.tunnel,
  ),
  queue: key(
    duration,
    "Waiting for a server that has reached its maxconn. Nothing waits in this version.",
    time.queue,
  ),
};

const httpTimeouts = {
  httpRequest: key(
    duration,
    "The whole head of a request. Without effect in tcp mode.",
    time.httpRequest,
  ),
  httpKeepAlive: key(
    duration,
    "Idle between two requests. Without effect in tcp mode.",
    time.httpKeepAlive,
  ),
};

const mode = z.enum(["tcp"]);
const retries = key(
  count(0, retriesMax),
  "Connect attempts after the first one failed; the client sees none of them.",
  builtin.retries,
);
const redispatch = key(z.boolean(), "A retry may go to another server.", builtin.redispatch);
const tcpKeepalive = key(
  duration,
  "The kernel probes a connection that was idle for so long, and ends it when the other side is " +
    "gone: on a frontend its clients' connections, on a backend those to its servers. 0: no probes.",
  builtin.tcpKeepalive,
);
const sendProxy = z.enum(["v1", "v2", "off"]);
const backendName = z.string().meta({ title: "name of a backend", examples: ["web"] });

const log = z.strictObject({
  level: key(
    z.enum(["debug", "info", "warn", "error"]),
    "The least important messages of the process log that are written.",
    builtin.logLevel,
  ),
  access: key(accessLog, "Where the line goes that each session leaves.", builtin.logAccess),
  format: key(z.enum(["json", "clf", "haproxy"]), "The form of that line.", builtin.logFormat),
});

const global = z.strictObject({
  workers: key(
    workers,
    "Threads that carry traffic; `auto` is one for each CPU that the process may use.",
    builtin.workers,
  ),
  reactor: key(
    z.enum(["auto", "epoll", "node"]),
    "The event loop: `epoll` is direct system calls on Linux, `node` runs wherever Node does. " +
      "`auto` takes `epoll` where it works.",
    builtin.reactor,
  ),
  shutdownTimeout: key(
    duration,
    "How long a stop waits for the sessions in flight; 0 waits for none.",
    builtin.shutdownTimeout,
  ),
  admin: key(
    admin,
    "The admin API. This version does not have it: anything but `off` is ignored with a warning.",
  ),
  log: key(log.meta({ examples: [{ level: "info" }] }), "What is logged, and where."),
});

const defaults = z.strictObject({
  mode: key(mode, "For frontends that do not say it."),
  timeout: key(
    map({ ...backendTimeouts, ...frontendTimeouts, ...httpTimeouts }, { client: "5s" }),
    "Time limits, see Timeouts. 0 switches one off.",
  ),
  retries,
  redispatch,
  tcpKeepalive,
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
    }),
  ])
  .meta({ title: "address or object" });

const frontend = z
  .strictObject({
    mode: key(
      mode,
      "What it balances. Required, here or in `defaults`: this version has `tcp` only.",
    ),
    bind: z.union([bind.transform((one) => [one]), z.array(bind).min(1)]).meta({
      title: "address, object, or a list of them",
      description: "Where it listens.",
      examples: ["127.0.0.1:80"],
    }),
    maxconn: key(
      count(0, maxconnMax),
      "Sessions at once, over all workers; further clients wait in the kernel's backlog. 0: no limit.",
      builtin.maxconn,
    ),
    backend: backendName.describe("The backend that takes its sessions."),
    tcpKeepalive,
    timeout: key(map(frontendTimeouts, { client: "5s" }), "Time limits of this frontend."),
  })
  .meta({ examples: [{ mode: "tcp", bind: ":80", backend: "web" }] });

const server = z
  .union([
    serverAddress.transform((address) => ({ address })),
    z.strictObject({
      address: serverAddress.describe("The address to connect to."),
      weight: key(
        count(0, weightMax),
        "Its share of the sessions relative to the other servers; 0 gets no new ones.",
        builtin.weight,
      ),
      sendProxy: key(
        sendProxy,
        "PROXY protocol header for this server; without it, what the backend says.",
      ),
    }),
  ])
  .meta({ title: "address or object", examples: ["127.0.0.1:8001"] });

// Only told to editors: a refused key would hide what is wrong below it, so semantics.ts checks names.
const name = z.string().meta({ pattern: namePattern });

const backend = z
  .strictObject({
    balance: key(z.enum(policyNames), `How a server is picked: ${policySummary}.`, builtin.balance),
    servers: z.record(name, server).meta({
      description: "Its servers, by name.",
      minProperties: 1,
      examples: [{ web1: "127.0.0.1:8001" }],
    }),
    sendProxy: key(
      sendProxy,
      "The PROXY protocol header that opens each connection to a server, so that it learns the " +
        "client's address.",
      builtin.sendProxy,
    ),
    retries,
    redispatch,
    tcpKeepalive,
    timeout: key(map(backendTimeouts, { connect: "5s" }), "Time limits of this backend."),
  })
  .meta({ examples: [{ servers: { web1: "127.0.0.1:8001" } }] });

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
