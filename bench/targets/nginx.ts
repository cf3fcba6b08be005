// nginx as a TCP proxy: the stream module, one worker; as it comes, and with larger buffers.
import { join } from "node:path";
import { workerConnections } from "../origin.ts";
import { missing } from "../programs.ts";
import { type Target, timeouts } from "./target.ts";

function configuration(
  module: string,
  pidFile: string,
  port: number,
  servers: readonly number[],
  bufferKib: number,
): string {
  // nginx has one timeout for both sides of a session, silent or not: the tunnel's.
  return `${module}
daemon off;
pid ${pidFile};
error_log stderr crit;
worker_processes 1;
events { worker_connections ${workerConnections()}; }
stream {
  access_log off;
  tcp_nodelay on;
  proxy_buffer_size ${bufferKib}k;
  upstream origin {
${servers.map((server) => `    server 127.0.0.1:${server};`).join("\n")}
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    proxy_connect_timeout ${timeouts.connect};
    proxy_timeout ${timeouts.tunnel};
    proxy_pass origin;
  }
}
`;
}

function targetOf(name: string, title: string, bufferKib: number): Target {
  return {
    name,
    title,
    find({ nginx, nginxStream }) {
      if (nginx === null) return { missing: missing("nginx", `${title} is not measured`) };
      if (nginxStream !== null) return nginx;
      return { missing: missing("nginxStream", `${title} is not measured`) };
    },
    async start(session, port, servers) {
      const { nginx, nginxStream } = session.programs;
      if (nginx === null || nginxStream === null) throw new Error("nginx cannot proxy TCP here");
      const pidFile = join(session.folder, `${name}-${port}.pid`);
      const text = configuration(nginxStream, pidFile, port, servers, bufferKib);
      const file = session.write(`${name}-${port}.conf`, text);
      const command = [nginx.path, "-e", "stderr", "-p", session.folder, "-c", file];
      return { process: await session.serve("proxy", name, command, port), port };
    },
  };
}

export const nginxTargets: readonly Target[] = [
  targetOf("nginx", "nginx", 16),
  targetOf("nginx-64k", "nginx, 64 KiB buffers", 64),
];
