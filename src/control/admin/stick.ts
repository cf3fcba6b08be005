// GET /api/v1/stick/BACKEND: the entries of a backend's sticky table.
import type { AdminServices, StickEntry } from "./admin-context.ts";
import { ApiError, noSuch } from "./api-error.ts";
import { limitOf, readParameters } from "./parameters.ts";
import type { AdminRequest, Resource } from "./router.ts";

/** The answer. */
export interface StickView {
  readonly backend: string;
  readonly entries: readonly StickEntry[];
  /** More match than the limit admits. */
  readonly more: boolean;
}

function listEntries(request: AdminRequest, { context, sticky }: AdminServices): StickView {
  const { backend = "" } = request.names;
  const parameters = readParameters(request.query, ["key", "server", "limit"]);
  const limit = limitOf(parameters);
  const status = context.states.backends.get(backend);
  if (status === undefined) throw noSuch("backend", backend, context.states.backends.keys());
  const filter = { key: parameters.get("key") ?? "", server: parameters.get("server") ?? "" };
  // One more than is wanted tells whether there are more.
  const entries = sticky.entries(backend, filter, limit + 1);
  if (entries === null) throw new ApiError(404, `backend ${backend} has no sticky table`);
  const { server } = filter;
  if (
    entries.length === 0 &&
    server !== "" &&
    !status.members.some(({ name }) => name === server)
  ) {
    const names = status.members.map(({ name }) => name);
    const { message } = noSuch(`server of backend ${backend}`, server, names);
    throw new ApiError(400, `the parameter server: ${message}`);
  }
  return { backend, entries: entries.slice(0, limit), more: entries.length > limit };
}

export const stick: Resource = {
  path: "/api/v1/stick/:backend",
  about: "a backend's sticky table; ?key=, ?server=, ?limit=",
  methods: { GET: listEntries },
};
