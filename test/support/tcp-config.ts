// The TCP configuration that tests start from, as a plain object in the shape of the file: one
// frontend `front`, one backend `back`, one worker, no admin API. A test overrides the part that it is about.
import type { TestServer } from "./servers.ts";

export type Settings = Readonly<Record<string, unknown>>;

export type Servers = Readonly<Record<string, string | TestServer | Settings>>;

export interface ConfigParts {
  readonly global?: Settings;
  readonly defaults?: Settings;
  readonly frontend?: Settings;
  readonly backend?: Settings;
  /** More frontends, beside `front`. */
  readonly frontends?: Settings;
  /** More backends, beside `back`. */
  readonly backends?: Settings;
}

/** `servers`: what stands behind each name: an address, a server of the test, or settings. */
export function tcpConfig(servers: Servers, parts: ConfigParts = {}): Settings {
  const entries = Object.entries(servers).map(([name, server]) => [name, serverValue(server)]);
  return {
    // Tests run side by side, and the admin API would have the same port in all of them.
    global: { workers: 1, admin: "off", ...parts.global },
    defaults: parts.defaults ?? {},
    frontends: {
      front: { mode: "tcp", bind: "127.0.0.1:0", backend: "back", ...parts.frontend },
      ...parts.frontends,
    },
    backends: {
      back: { servers: Object.fromEntries(entries), ...parts.backend },
      ...parts.backends,
    },
  };
}

function serverValue(server: string | TestServer | Settings): unknown {
  const isTestServer = typeof server !== "string" && "peers" in server;
  return isTestServer ? (server as TestServer).address : server;
}

/** The reactors that tests of the main behaviours run on. */
export const reactors = ["epoll", "node"] as const;

/** What makes a configuration run on a reactor. */
export function onReactor(reactor: (typeof reactors)[number]): { readonly global: Settings } {
  return { global: { reactor } };
}
