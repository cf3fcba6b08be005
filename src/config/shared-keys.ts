// The parts of the schema that several sections have: time limits, retries, names. The files of the
// schema import it.
import { z } from "zod";
import { builtin, retriesMax } from "./builtin.ts";
import { key } from "./keys.ts";
import { count, duration } from "./value-schemas.ts";

const time = builtin.timeout;

type Optional<T> = z.ZodOptional<z.ZodType<T>>;
type Times<Name extends string> = Readonly<Record<Name, Optional<number>>>;

type FrontendTime = "client" | "clientFin" | "clientHs" | "httpRequest" | "httpKeepAlive";

export const frontendTimeouts: Times<FrontendTime> = {
  client: key(duration, "The client neither sends nor takes what waits for it.", time.client),
  clientFin: key(
    duration,
    "One direction of a session has ended and the other is silent.",
    time.clientFin,
  ),
  clientHs: key(
    duration,
    "What opens a connection, the PROXY protocol header and the TLS handshake, must be complete by then.",
    time.clientHs,
  ),
  httpRequest: key(
    duration,
    "The whole head of a request, from its first byte; of the first one from the accept. Without " +
      "effect in tcp mode.",
    time.httpRequest,
  ),
  httpKeepAlive: key(
    duration,
    "Idle between two requests. Without effect in tcp mode.",
    time.httpKeepAlive,
  ),
};

export const backendTimeouts: Times<"connect" | "server" | "tunnel" | "queue"> = {
  connect: key(duration, "Connecting to a server, each attempt by itself.", time.connect),
  server: key(duration, "The server neither sends nor takes what waits for it.", time.server),
  tunnel: key(
    duration,
    "Both sides of an established session, in http mode of an upgraded connection, are silent. See " +
      "Timeouts for what it replaces.",
    time.tunnel,
  ),
  queue: key(
    duration,
    "Waiting for a place: the backend or its servers have reached their `maxconn`.",
    time.queue,
  ),
};

export const retries: Optional<number> = key(
  count(0, retriesMax),
  "Connect attempts after the first one failed; the client sees none of them.",
  builtin.retries,
);

export const redispatch: Optional<boolean> = key(
  z.boolean(),
  "A retry may go to another server.",
  builtin.redispatch,
);

export const tcpKeepalive: Optional<number> = key(
  duration,
  "The kernel probes a connection that was idle for so long, and ends it when the other side is " +
    "gone: on a frontend its clients' connections, on a backend those to its servers. 0: no probes.",
  builtin.tcpKeepalive,
);

export const backendName: z.ZodType<string> = z
  .string()
  .meta({ title: "name of a backend", examples: ["web"] });
