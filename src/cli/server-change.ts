// `ballast drain`, `ready`, `maint` and `weight`: change one server of the running Ballast, and say
// what that has made of it.
import type { ServerView } from "../control/admin/servers.ts";
import type { AdminOptions, ServerName } from "./admin-options.ts";
import { asking } from "./asking.ts";
import { harmless } from "./table.ts";

export interface ServerChange {
  readonly state?: "ready" | "drain" | "maint";
  readonly weight?: number;
}

/** The exit code. */
export function changeServer(
  options: AdminOptions,
  { backend, server }: ServerName,
  change: ServerChange,
): Promise<number> {
  const path = `/api/v1/servers/${encodeURIComponent(backend)}/${encodeURIComponent(server)}`;
  return asking(options, async (client) => {
    const view = (await client.patch(path, change)) as ServerView;
    return options.json ? view : `${harmless(describe(view))}\n`;
  });
}

function describe(view: ServerView): string {
  const { backend, name, state, admin, reason, weight, sessions } = view;
  // Ready is what an operator wants, up is what checks make of it.
  const but = admin === "ready" && state !== "up" && reason !== "" ? ` (${reason})` : "";
  return `${backend}/${name}: ${state}${but}, weight ${weight}, ${sessions.now} session(s) on it`;
}
