// GET /api/v1/sessions: the sessions that are open now, newest first, with filters and a limit.
import { type ClientRange, parseClientRange } from "../../proxy/client-range.ts";
import { type SessionRow, sessionStateWords } from "../../proxy/session/session-row.ts";
import type { MissingWorker } from "../session-questions.ts";
import type { AdminContext, AdminServices } from "./admin-context.ts";
import { ApiError, noSuch } from "./api-error.ts";
import { limitOf, type Parameters, readParameters, wordOf } from "./parameters.ts";
import type { AdminRequest, Resource } from "./router.ts";

/** The answer. */
export interface SessionsView {
  readonly sessions: readonly SessionRow[];
  /** More match than the limit admits. */
  readonly more: boolean;
  /** False: some worker has not told (all of) its sessions; `missing` says which and why. */
  readonly complete: boolean;
  readonly missing: readonly MissingWorker[];
}

async function listSessions(
  request: AdminRequest,
  { context }: AdminServices,
): Promise<SessionsView> {
  const parameters = readParameters(request.query, [
    "frontend",
    "backend",
    "server",
    "client",
    "state",
    "limit",
  ]);
  const named = serverNamed(parameters);
  const query = {
    frontend: parameters.get("frontend") ?? "",
    ...named,
    client: clientOf(parameters),
    state: wordOf(parameters, "state", sessionStateWords),
    limit: limitOf(parameters),
  };
  const listing = await context.sessions.ask(query);
  if (listing === null) {
    throw new ApiError(503, "too many listings of sessions at once; ask again in a moment", {
      "retry-after": "1",
    });
  }
  // Not looked at before: a name that a reload has removed may still have sessions.
  if (listing.sessions.length === 0) refuseUnknown(query, context);
  return { ...listing, complete: listing.missing.length === 0 };
}

/** `server=web1`, or `server=web/web1` for that of one backend. */
function serverNamed(parameters: Parameters): { backend: string; server: string } {
  const backend = parameters.get("backend") ?? "";
  const server = parameters.get("server") ?? "";
  const slash = server.indexOf("/");
  if (slash < 0) return { backend, server };
  const of = server.slice(0, slash);
  if (backend !== "" && backend !== of) {
    throw new ApiError(400, `server=${JSON.stringify(server)} is no server of backend ${backend}`);
  }
  return { backend: of, server: server.slice(slash + 1) };
}

function clientOf(parameters: Parameters): ClientRange | null {
  const text = parameters.get("client");
  if (text === undefined) return null;
  const range = parseClientRange(text);
  if (range !== null) return range;
  throw new ApiError(
    400,
    `client=${JSON.stringify(text)} is neither an IP address nor a network such as 10.0.0.0/8`,
  );
}

function refuseUnknown(
  query: { readonly frontend: string; readonly backend: string; readonly server: string },
  { plan }: AdminContext,
): void {
  const frontends = plan.frontends.map(({ name }) => name);
  const backends = plan.backends.map(({ name }) => name);
  const servers = plan.backends
    .filter(({ name }) => query.backend === "" || name === query.backend)
    .flatMap((backend) => backend.servers.map(({ name }) => name));
  const known = { frontend: frontends, backend: backends, server: servers };
  for (const what of ["frontend", "backend", "server"] as const) {
    if (query[what] === "" || known[what].includes(query[what])) continue;
    const { message } = noSuch(what, query[what], new Set(known[what]));
    throw new ApiError(400, `the parameter ${what}: ${message}`);
  }
}

export const sessions: Resource = {
  path: "/api/v1/sessions",
  about: "open sessions; ?frontend=, ?backend=, ?server=, ?client=, ?state=, ?limit=",
  methods: { GET: listSessions },
};
