// The schema of `global`: the process as a whole, its logs, its admin API, its resolver. schema.ts
// puts it into the whole.
import { z } from "zod";
import { parseNameServer } from "./address-syntax.ts";
import { builtin, maxconnMax } from "./builtin.ts";
import type { AdminConfig, GlobalConfig } from "./config.ts";
import { key, map } from "./keys.ts";
import { leaf } from "./leaf.ts";
import { accept, type Reading, reject, shown } from "./reading.ts";
import {
  accessLog,
  bindAddress,
  count,
  duration,
  positiveDuration,
  workers,
} from "./value-schemas.ts";

const nameServer: z.ZodType<string> = leaf(parseNameServer, {
  title: "IP address, or one with a port",
  type: "string",
  examples: ["192.0.2.53"],
});

const token: z.ZodType<string> = leaf(readToken, {
  title: "text without blanks",
  type: "string",
  pattern: "^[!-~]+$",
  examples: ["${BALLAST_TOKEN}"],
});

/** It travels in a header. It is a secret, so it is never shown. */
function readToken(input: unknown): Reading<string> {
  if (typeof input === "string" && /^[!-~]+$/.test(input)) return accept(input);
  const message = "this token cannot stand in a header";
  if (typeof input === "string") {
    return reject(message, "Write one or more ASCII characters without blanks.");
  }
  return reject(message, "Put it between quotes.");
}

const adminOff: z.ZodType<false> = leaf(readAdminOff, {
  title: "`off`",
  anyOf: [{ const: "off" }, { const: false }],
  examples: ["off"],
});

function readAdminOff(input: unknown): Reading<false> {
  if (input === "off" || input === false) return accept(false);
  return reject(
    `${shown(input)} is no setting of the admin API`,
    `Write off, or { bind: ${builtin.adminBind} }.`,
  );
}

const admin: z.ZodType<AdminConfig | false> = z
  .union([
    adminOff,
    map(
      {
        bind: key(
          bindAddress,
          "Where it listens. Without `token` this must be a loopback address or a unix socket.",
          builtin.adminBind,
        ),
        token: key(
          token,
          "What a request must carry, as `Authorization: Bearer TOKEN`. Default: nothing is asked.",
        ),
      },
      { bind: builtin.adminBind },
    ),
  ])
  .meta({ title: "`off`, or object", examples: ["off"] });

const resolve = map(
  {
    nameservers: key(
      z
        .array(nameServer)
        .min(1)
        .meta({ title: "list of addresses", examples: [["192.0.2.53"]] }),
      "Who is asked, the first that answers; port 53 unless written. Default: what the system uses.",
    ),
    interval: key(
      duration,
      "From one look at a name to the next. 0: as long as the answer says that it holds.",
      builtin.resolveInterval,
    ),
    timeout: key(positiveDuration, "For one answer.", builtin.resolveTimeout),
  },
  { interval: "30s" },
);

const tls = map(
  {
    maxHandshakes: key(
      count(1, maxconnMax),
      "Handshakes with clients at once, in each worker; further clients wait.",
      builtin.maxHandshakes,
    ),
  },
  { maxHandshakes: builtin.maxHandshakes },
);

const log = z.strictObject({
  level: key(
    z.enum(["debug", "info", "warn", "error"]),
    "The least important messages of the process log that are written.",
    builtin.logLevel,
  ),
  access: key(accessLog, "Where the line goes that each session leaves.", builtin.logAccess),
  format: key(z.enum(["json", "clf", "haproxy"]), "The form of that line.", builtin.logFormat),
});

export const global: z.ZodType<GlobalConfig> = z.strictObject({
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
    "The admin API. When it is not written and its default address is taken, that is a warning, " +
      "otherwise an error.",
  ),
  resolve: key(resolve, "How names of servers become addresses, at start and again and again."),
  tls: key(tls, "Limits of TLS."),
  log: key(log.meta({ examples: [{ level: "info" }] }), "What is logged, and where."),
});
