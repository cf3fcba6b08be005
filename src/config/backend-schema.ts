// The schema of a backend and its servers. schema.ts puts it into the whole.
import { z } from "zod";
import { balance, balanceMeaning, stick } from "./balance-schema.ts";
import { builtin, maxconnMax, namePattern, streakMax, weightMax } from "./builtin.ts";
import { check } from "./check-schema.ts";
import type { BackendConfig, OutlierConfig, ServerConfig, SlowstartConfig } from "./config.ts";
import { cookie, cookieValue, httpServing } from "./http-backend-schema.ts";
import { key, map, oneOrMore } from "./keys.ts";
import { request, response } from "./rewrite-schema.ts";
import { sendProxy } from "./send-proxy-schema.ts";
import { serverTls } from "./server-tls-schema.ts";
import { backendName, backendTimeouts, redispatch, retries, tcpKeepalive } from "./shared-keys.ts";
import {
  count,
  duration,
  factor,
  onOff,
  percent,
  positiveDuration,
  serverAddress,
} from "./value-schemas.ts";

const onMarkedDown = z.enum(["shutdownSessions", "keep"]);
const { outlier: calm, slowstart: ramp } = builtin;

const slowstart: z.ZodType<SlowstartConfig> = z
  .union([
    duration.transform((window) => ({ window })),
    map(
      {
        window: duration.describe("How long it takes to its full weight; 0: none, at once."),
        aggression: key(
          factor(0, 100),
          "1 grows evenly; the higher, the steeper the beginning.",
          ramp.aggression,
        ),
        minWeight: key(percent(0), "Of its weight, what it begins with.", ramp.minWeight),
      },
      { window: "30s" },
    ),
  ])
  .meta({ title: "duration, or object", examples: ["30s"] });

const outlier: z.ZodType<OutlierConfig | boolean> = z
  .union([
    onOff("outlier detection", "{ consecutiveErrors: 5 }"),
    map(
      {
        consecutiveErrors: key(
          count(0, streakMax),
          "Failed sessions in a row that eject a server. What counts is what is written of this, " +
            "`errorRate` and `latencyFactor`; when none of them is, this.",
          calm.consecutiveErrors,
        ),
        errorRate: key(
          percent(0),
          "Percentage of failed sessions in one `interval` that ejects it. Default: does not count.",
        ),
        latencyFactor: key(
          factor(1, 1000, true),
          "It is ejected when its mean connect time is this multiple of the median of its peers. " +
            "Default: does not count.",
        ),
        minSessions: key(
          count(1, maxconnMax),
          "With fewer sessions in one `interval`, rate and latency say nothing.",
          calm.minSessions,
        ),
        interval: key(positiveDuration, "From one look at the numbers to the next.", calm.interval),
        ejectFor: key(
          positiveDuration,
          "The first ejection; the n-th lasts n times as long.",
          calm.ejectFor,
        ),
        ejectForMax: key(positiveDuration, "No ejection lasts longer.", calm.ejectForMax),
        maxEjectedPercent: key(
          percent(0),
          "Of the backend's servers at most; one may always be ejected if another is left.",
          calm.maxEjectedPercent,
        ),
      },
      { consecutiveErrors: 5 },
    ),
  ])
  .meta({ title: "`true`, `off`, or object", examples: [{ consecutiveErrors: 5 }] });

const server: z.ZodType<ServerConfig> = z
  .union([
    serverAddress.transform((address) => ({ address })),
    z.strictObject({
      address: serverAddress.describe("The address to connect to."),
      weight: key(
        count(0, weightMax),
        "Its share of the sessions relative to the other servers; 0 gets no new ones.",
        builtin.weight,
      ),
      maxconn: key(
        count(0, maxconnMax),
        "Sessions at once on it, over all workers; further ones wait. 0: no limit.",
        builtin.maxconn,
      ),
      maxqueue: key(
        count(0, maxconnMax),
        "Sessions that may wait for it alone; more go elsewhere. 0: no limit.",
        builtin.maxqueue,
      ),
      backup: key(
        z.boolean(),
        "Used only while no other server of its backend is usable.",
        builtin.backup,
      ),
      disabled: key(
        z.boolean(),
        "Starts in maintenance: no sessions, no checks.",
        builtin.disabled,
      ),
      check: key(
        check,
        "Its active check. Keys that are written here replace those of the backend's `check`; " +
          "`off`: it is not checked.",
      ),
      slowstart: key(slowstart, "As the backend's, for this server."),
      onMarkedDown: key(onMarkedDown, "As the backend's, for this server."),
      sendProxy: key(
        sendProxy,
        "PROXY protocol header for this server; without it, what the backend says.",
      ),
      tls: key(
        serverTls,
        "TLS with this server. Keys that are written here replace those of the backend's `tls`; " +
          "`false`: none.",
      ),
      cookie: key(
        cookieValue,
        "What stands for it in the backend's cookie. Default: a short text made of the names of " +
          "backend and server, always the same.",
      ),
    }),
  ])
  .meta({ title: "address or object", examples: ["127.0.0.1:8001"] });

// Only told to editors: a refused key would hide what is wrong below it, so semantics.ts checks names.
const name = z.string().meta({ pattern: namePattern });

export const backend: z.ZodType<BackendConfig> = z
  .strictObject({
    balance: key(balance, balanceMeaning, builtin.balance),
    check: key(
      check,
      "Active checks of its servers. `true`: connections are tried. Default: off, and servers count as up.",
    ),
    outlier: key(
      outlier,
      "Passive checks: servers on which real sessions fail are ejected for a time. Default: off.",
    ),
    stick: key(
      stick,
      "A sticky table: who was led to a server comes back to it while it is usable.",
    ),
    maxconn: key(
      count(0, maxconnMax),
      "Sessions at once on all its servers together, over all workers; further ones wait. 0: no limit.",
      builtin.maxconn,
    ),
    maxqueue: key(
      count(0, maxconnMax),
      "Sessions that may wait, for it or for one of its servers; more are refused. 0: no limit.",
      builtin.maxqueue,
    ),
    failover: key(
      oneOrMore(backendName, "name of a backend, or a list of them"),
      "Backends that take its sessions while it has no usable server: the first of them that has one.",
    ),
    recoveryDelay: key(
      duration,
      "After a failover it is used again once it has been usable for so long without a break.",
      builtin.recoveryDelay,
    ),
    panicThreshold: key(
      percent(0),
      "When fewer of its servers than this percentage are up, checks are taken to be wrong and all " +
        "are used. 0: never.",
      builtin.panicThreshold,
    ),
    allBackups: key(
      z.boolean(),
      "When only backup servers are usable, all of them take part, not the first alone.",
      builtin.allBackups,
    ),
    slowstart: key(
      slowstart,
      "A server that comes up gets to its weight little by little. Default: at once.",
    ),
    onMarkedDown: key(
      onMarkedDown,
      "What happens to the sessions of a server that a check takes down.",
      builtin.onMarkedDown,
    ),
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
    tls: key(
      serverTls,
      "TLS with its servers. `true`: with the defaults of its keys. Default: none.",
    ),
    retries,
    redispatch,
    tcpKeepalive,
    timeout: key(map(backendTimeouts, { connect: "5s" }), "Time limits of this backend."),
    cookie: key(
      cookie,
      "In http mode: a cookie says which server a client comes back to while that is usable.",
    ),
    ...httpServing,
    request: key(request, "In http mode: how requests are changed, after what their route says."),
    response: key(
      response,
      "In http mode: how responses are changed, before what their route says.",
    ),
  })
  .meta({ examples: [{ servers: { web1: "127.0.0.1:8001" } }] });
