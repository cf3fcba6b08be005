// The configuration that most tests of the lifecycle start from: one frontend, one backend. A test
// states what is special about it and overrides that part.
import type { TestServer } from "./servers.ts";

export interface TcpConfig {
  readonly workers?: number;
  readonly shutdownTimeout?: string;
  readonly log?: object;
  readonly bind?: unknown;
  readonly maxconn?: number;
  readonly servers: Readonly<Record<string, TestServer | object | string>>;
  readonly balance?: string;
  readonly retries?: number;
  /** Beside the frontend `front`. */
  readonly frontends?: object;
  /** Beside the backend `back`. */
  readonly backends?: object;
}

/** Frontend `front` on `bind` (a free port by default), backend `back` with `servers`. */
export function tcpConfig(config: TcpConfig): object {
  const { workers = 1, shutdownTimeout = "30s", bind = "127.0.0.1:0", maxconn } = config;
  const { log = {}, balance, retries, frontends = {}, backends = {} } = config;
  return {
    global: { workers, shutdownTimeout, admin: "off", log },
    frontends: {
      // JSON leaves out what is undefined.
      front: { mode: "tcp", bind, backend: "back", maxconn },
      ...frontends,
    },
    backends: {
      back: { servers: addressesOf(config.servers), balance, retries },
      ...backends,
    },
  };
}

/** Test servers as `servers:` wants them; anything else as it is. */
export function addressesOf(servers: TcpConfig["servers"]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(servers).map(([name, server]) => [
      name,
      typeof server === "object" && "peers" in server ? server.address : server,
    ]),
  );
}
