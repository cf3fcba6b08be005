// Configurations for tests, as plain objects: one frontend `edge`, one backend `web`, quiet
// defaults. A test overrides what it is about.
import type { TestServer } from "./servers.ts";

export type Settings = Readonly<Record<string, unknown>>;

export interface ConfigParts {
  readonly global?: Settings;
  readonly defaults?: Settings;
  readonly frontend?: Settings;
  readonly backend?: Settings;
}

/** `servers`: what stands behind each name: an address, a server of the test, or settings. */
export function tcpConfig(
  servers: Readonly<Record<string, string | TestServer | Settings>>,
  parts: ConfigParts = {},
): Settings {
  const entries = Object.entries(servers).map(([name, server]) => [name, serverValue(server)]);
  return {
    global: { workers: 1, ...parts.global },
    defaults: parts.defaults ?? {},
    frontends: {
      edge: { mode: "tcp", bind: "127.0.0.1:0", backend: "web", ...parts.frontend },
    },
    backends: { web: { servers: Object.fromEntries(entries), ...parts.backend } },
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
