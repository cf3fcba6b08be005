// The servers behind every proxy: one nginx worker on three ports, on the load generator's core.
// It answers from memory and the page cache, so that it is never what limits a row.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Session, descriptorLimit } from "./session.ts";

export interface Origin {
  /** Three ports of 127.0.0.1. */
  readonly ports: readonly number[];
}

/** Something that the origin serves. */
export interface Body {
  readonly path: string;
  readonly bytes: number;
}

/** All that it serves. */
export const bodies: Readonly<Record<"small" | "routed" | "kib64" | "mib1", Body>> = {
  small: { path: "/small", bytes: 12 },
  /** Below the path that proxies route. */
  routed: { path: "/app/small", bytes: 12 },
  kib64: { path: "/64k", bytes: 64 * 1024 },
  mib1: { path: "/1m", bytes: 1024 * 1024 },
};

/** Connections that one nginx worker may hold, within what the process limit allows. */
export function workerConnections(): number {
  return Math.min(16_000, descriptorLimit() - 100);
}

function configuration(folder: string, ports: readonly number[]): string {
  const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${join(folder, kind)};`)
    .join("\n");
  return `daemon off;
pid ${join(folder, "origin.pid")};
error_log stderr crit;
worker_processes 1;
events { worker_connections ${workerConnections()}; }
http {
${scratch}
  access_log off;
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  open_file_cache max=16 inactive=1h;
  open_file_cache_valid 1h;
  server {
${ports.map((port) => `    listen 127.0.0.1:${port} backlog=4096;`).join("\n")}
    root ${join(folder, "files")};
    location = ${bodies.small.path} { default_type text/plain; return 200 "hello world\\n"; }
    location = ${bodies.routed.path} {
      default_type text/plain;
      add_header X-Item $arg_item;
      return 200 "hello world\\n";
    }
  }
}
`;
}

/** Starts the origin. Throws what nginx said when it does not come up. */
export async function startOrigin(session: Session): Promise<Origin> {
  const nginx = session.programs.nginx;
  if (nginx === null) throw new Error("the origin needs nginx");
  mkdirSync(join(session.folder, "files"));
  for (const { path, bytes } of [bodies.kib64, bodies.mib1]) {
    session.write(`files${path}`, Buffer.alloc(bytes, "ballast "));
  }
  const ports = [await session.freePort(), await session.freePort(), await session.freePort()];
  const file = session.write("origin.conf", configuration(session.folder, ports));
  const command = [nginx.path, "-e", "stderr", "-p", session.folder, "-c", file];
  await session.serve("load", "origin", command, ports);
  return { ports };
}
