// `ballast sessions`: the sessions that are open now, newest first, as a table.
import process from "node:process";
import type { SessionsView } from "../control/admin/sessions.ts";
import type { AdminOptions } from "./admin-options.ts";
import { asking, wantsColours } from "./asking.ts";
import { bytes, type Cell, cell, type Column, duration, formatTable, harmless } from "./table.ts";

/** The filters of the command line that were given; their names are those of the admin API. */
export type SessionFilters = Readonly<Record<string, string | undefined>>;

export const sessionFilterNames = [
  "frontend",
  "backend",
  "server",
  "client",
  "state",
  "limit",
] as const;

/** The exit code. */
export function sessions(options: AdminOptions, filters: SessionFilters): Promise<number> {
  const query = new URLSearchParams();
  for (const name of sessionFilterNames) {
    const value = filters[name];
    if (value !== undefined) query.set(name, value);
  }
  return asking(options, async (client) => {
    const view = (await client.get(`/api/v1/sessions?${query.toString()}`)) as SessionsView;
    for (const { reason } of view.missing) {
      process.stderr.write(`ballast: the list is not complete: ${harmless(reason)}\n`);
    }
    return options.json ? view : formatSessions(view, wantsColours());
  });
}

export function formatSessions({ sessions: rows, more }: SessionsView, colours: boolean): string {
  if (rows.length === 0) return "no sessions\n";
  const end = more ? `the newest ${rows.length}; there are more, --limit shows them\n` : "";
  return formatTable(columns, rows.map(sessionRow), colours) + end;
}

const columns: readonly Column[] = [
  { title: "CLIENT", align: "left" },
  { title: "FRONTEND", align: "left" },
  { title: "SERVER", align: "left" },
  { title: "ADDRESS", align: "left" },
  { title: "STATE", align: "left" },
  { title: "AGE", align: "right" },
  { title: "IDLE", align: "right" },
  { title: "IN", align: "right" },
  { title: "OUT", align: "right" },
  { title: "LIMITS", align: "left" },
];

function sessionRow(row: SessionsView["sessions"][number]): Cell[] {
  const limits = Object.entries(row.timeouts).map(
    ([name, leftMs]) => `${name} ${duration(leftMs)}`,
  );
  const halfClosed = row.clientEnded || row.serverEnded;
  return [
    cell(row.client),
    cell(row.frontend),
    cell(row.server === null ? (row.backend ?? "-") : `${row.backend}/${row.server}`),
    cell(row.serverAddress ?? "-"),
    cell(
      halfClosed ? `${row.state}, half-closed` : row.state,
      row.state === "established" ? "good" : "warn",
    ),
    cell(duration(row.ageMs)),
    cell(duration(row.idleMs)),
    cell(bytes(row.bytesIn)),
    cell(bytes(row.bytesOut)),
    cell(limits.join(", "), "dim"),
  ];
}
