// GET /api/v1/stick/BACKEND: the entries of a backend's sticky table, with their servers' names.
import type { StickEntry } from "../../scoreboard/stick-control.ts";
import { stickServer } from "../../scoreboard/stick-key.ts";
import { clockMs } from "../sticky.ts";
import type { AdminServices } from "./admin-context.ts";
import { ApiError, noSuch } from "./api-error.ts";
import { limitOf, readParameters } from "./parameters.ts";
import type { AdminRequest, Resource } from "./router.ts";
import { scanStickTable } from "./stick-scan.ts";

/** The answer. */
export interface StickView {
  readonly backend: string;
  /** In no particular order. */
  readonly entries: readonly StickEntryView[];
  /** More match than the limit admits. */
  readonly more: boolean;
}

/** One entry of a sticky table. Times are milliseconds. */
export interface StickEntryView {
  /** What sessions stick by: a client's address, or a server name of TLS (a long one is cut). */
  readonly key: string;
  /** Null: the server that it led to is gone. */
  readonly server: string | null;
  /** Since it was made. */
  readonly ageMs: number;
  /** Since it was last used. */
  readonly idleMs: number;
  /** Until it is forgotten, if nobody uses it before. */
  readonly expiresInMs: number;
}

async function listEntries(request: AdminRequest, { context }: AdminServices): Promise<StickView> {
  const { backend = "" } = request.names;
  const parameters = readParameters(request.query, ["key", "server", "limit"]);
  const limit = limitOf(parameters);
  const { backends } = context.states;
  const status = backends.get(backend);
  if (status === undefined) throw noSuch("backend", backend, backends.keys());
  if (status.stick === null) throw new ApiError(404, `backend ${backend} has no sticky table`);
  const names = status.members.map(({ name }) => name);
  const key = parameters.get("key");
  const server = parameters.get("server");
  if (server !== undefined && !names.includes(server)) {
    const { message } = noSuch(`server of backend ${backend}`, server, names);
    throw new ApiError(400, `the parameter server: ${message}`);
  }
  const number = server === undefined ? 0 : stickServer(server);
  const matches = (entry: StickEntry): boolean =>
    (key === undefined || entry.key === key) && (server === undefined || entry.server === number);
  // One more than is wanted tells whether there are more.
  const entries = await scanStickTable(status.stick.table, clockMs, limit + 1, matches);
  const nameOf = new Map(names.map((name) => [stickServer(name), name]));
  return {
    backend,
    entries: entries.slice(0, limit).map((entry) => ({
      key: entry.key,
      server: nameOf.get(entry.server) ?? null,
      ageMs: Math.round(entry.ageMs),
      idleMs: Math.round(entry.idleMs),
      expiresInMs: Math.round(entry.expiresInMs),
    })),
    more: entries.length > limit,
  };
}

export const stick: Resource = {
  path: "/api/v1/stick/:backend",
  about: "a backend's sticky table; ?key=, ?server=, ?limit=",
  methods: { GET: listEntries },
};
