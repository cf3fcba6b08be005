// `ballast status`: what runs, as three tables: frontends, backends, servers.
import type { BackendView } from "../control/admin/backends.ts";
import type { FrontendView } from "../control/admin/frontends.ts";
import type { OverviewView } from "../control/admin/overview.ts";
import type { ServerView } from "../control/admin/servers.ts";
import type { AdminOptions } from "./admin-options.ts";
import { asking, wantsColours } from "./asking.ts";
import {
  bytes,
  type Cell,
  cell,
  type Colour,
  type Column,
  duration,
  formatTable,
  harmless,
} from "./table.ts";

interface Status {
  readonly overview: OverviewView;
  readonly frontends: readonly FrontendView[];
  readonly backends: readonly BackendView[];
  readonly servers: readonly ServerView[];
}

/** The exit code. */
export function status(options: AdminOptions): Promise<number> {
  return asking(options, async (client) => {
    const [overview, frontends, backends, servers] = await Promise.all(
      ["", "/frontends", "/backends", "/servers"].map((path) => client.get(`/api/v1${path}`)),
    );
    const all = {
      overview,
      ...(frontends as object),
      ...(backends as object),
      ...(servers as object),
    };
    return options.json ? all : formatStatus(all as Status, wantsColours());
  });
}

export function formatStatus(all: Status, colours: boolean): string {
  const { overview, frontends, backends, servers } = all;
  // Ballast's clock, not ours: it may be on another machine.
  const nowMs = Date.parse(overview.time);
  const { version, pid, uptimeMs, plan, workers, sessions } = overview;
  const head =
    `Ballast ${version}, pid ${pid}, up ${duration(uptimeMs)}, ${plan.source}, ` +
    `${workers.length} worker(s), ${sessions.now} session(s) open, ${sessions.total} in all`;
  return [
    `${harmless(head)}\n`,
    formatTable(frontendColumns, frontends.map(frontendRow), colours),
    formatTable(backendColumns, backends.map(backendRow), colours),
    formatTable(
      serverColumns,
      servers.map((server) => serverRow(server, nowMs)),
      colours,
    ),
  ].join("\n");
}

function left(title: string): Column {
  return { title, align: "left" };
}

function right(title: string): Column {
  return { title, align: "right" };
}

const frontendColumns = [
  left("FRONTEND"),
  left("STATE"),
  left("BIND"),
  left("BACKEND"),
  right("SESSIONS"),
  right("MAX"),
  right("TOTAL"),
  right("IN"),
  right("OUT"),
];

function frontendRow(view: FrontendView): Cell[] {
  return [
    cell(view.name),
    cell(view.state, view.state === "open" ? "good" : "warn"),
    cell(view.binds.join(" ")),
    cell(view.backend),
    cell(view.sessions.now),
    limit(view.maxconn),
    cell(view.sessions.total),
    cell(bytes(view.bytesIn)),
    cell(bytes(view.bytesOut)),
  ];
}

const backendColumns = [
  left("BACKEND"),
  left("STATE"),
  left("BALANCE"),
  right("USABLE"),
  right("SESSIONS"),
  right("QUEUED"),
  right("TOTAL"),
  right("IN"),
  right("OUT"),
  right("FAILED"),
  right("RETRIES"),
];

function backendRow(view: BackendView): Cell[] {
  const { policy, key } = view.balance;
  return [
    cell(view.name),
    cell(view.state, stateColours[view.state]),
    cell(key === null ? policy : `${policy} (${key})`),
    cell(`${view.usable}/${view.servers}`),
    cell(view.sessions.now),
    cell(view.queued, view.queued > 0 ? "warn" : "plain"),
    cell(view.sessions.total),
    cell(bytes(view.bytesIn)),
    cell(bytes(view.bytesOut)),
    cell(view.connectFailures + view.noServer),
    cell(view.retries + view.redispatches),
  ];
}

const serverColumns = [
  left("SERVER"),
  left("STATE"),
  right("FOR"),
  left("ADDRESS"),
  right("WEIGHT"),
  right("SESSIONS"),
  right("MAX"),
  right("QUEUED"),
  right("TOTAL"),
  right("IN"),
  right("OUT"),
  right("FAILED"),
  right("CONNECT"),
  left("REASON"),
];

const stateColours: Readonly<Record<string, Colour>> = {
  up: "good",
  down: "bad",
  drain: "warn",
  maint: "warn",
  ejected: "bad",
  recovering: "warn",
};

function serverRow(view: ServerView, nowMs: number): Cell[] {
  const { address, resolved, weight, weightInForce, connectMsMean } = view;
  const ramping = weightInForce !== weight;
  return [
    cell(`${view.backend}/${view.name}${view.backup ? " (backup)" : ""}`),
    cell(view.state, stateColours[view.state]),
    cell(duration(Math.max(0, nowMs - Date.parse(view.since)))),
    cell(resolved === null || resolved === address ? address : `${address} (${resolved})`),
    cell(ramping ? `${weightInForce.toFixed(2)}/${weight}` : weight),
    cell(view.sessions.now),
    limit(view.maxconn),
    cell(view.queued, view.queued > 0 ? "warn" : "plain"),
    cell(view.sessions.total),
    cell(bytes(view.bytesIn)),
    cell(bytes(view.bytesOut)),
    cell(view.connectFailures + view.connectTimeouts),
    cell(connectMsMean === null ? "-" : `${connectMsMean.toFixed(1)}ms`),
    cell(view.reason === "" ? view.checkResult : view.reason, "dim"),
  ];
}

/** 0 means that there is none. */
function limit(value: number): Cell {
  return value === 0 ? cell("-", "dim") : cell(value);
}
