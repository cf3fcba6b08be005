// nginx with one worker: the stream module for TCP, the http module for requests; as it comes, and with
// larger buffers.
import { join } from "node:path";
import type { Certificate } from "../certificate.ts";
import { workerConnections } from "../origin.ts";
import { missing } from "../programs.ts";
import { type Fronts, type Target, routedHosts, routedPath, timeouts } from "./target.ts";

/** What Ballast's `forwardedFor: true` tells servers, and connections to servers that are kept. */
const proxied = `proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Port $server_port;
    proxy_connect_timeout ${timeouts.connect};
    proxy_read_timeout ${timeouts.server};
    proxy_send_timeout ${timeouts.server};`;

function configuration(
  module: string,
  folder: string,
  ports: Fronts,
  servers: readonly number[],
  bufferKib: number,
  tls: Certificate,
): string {
  const upstream = servers.map((server) => `    server 127.0.0.1:${server};`).join("\n");
  const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${join(folder, `proxy-${ports.tcp}-${kind}`)};`)
    .join("\n");
  // nginx has one timeout for both sides of a session, silent or not: the tunnel's.
  return `${module}
daemon off;
pid ${join(folder, `nginx-${ports.tcp}.pid`)};
error_log stderr crit;
worker_processes 1;
events { worker_connections ${workerConnections()}; }
stream {
  access_log off;
  tcp_nodelay on;
  proxy_buffer_size ${bufferKib}k;
  upstream origin {
${upstream}
  }
  server {
    listen 127.0.0.1:${ports.tcp} backlog=4096;
    proxy_connect_timeout ${timeouts.connect};
    proxy_timeout ${timeouts.tunnel};
    proxy_pass origin;
  }
}
http {
${scratch}
  access_log off;
  tcp_nodelay on;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  server_names_hash_max_size 4096;
  server_names_hash_bucket_size 128;
  proxy_buffer_size ${bufferKib}k;
  proxy_buffers 8 ${bufferKib}k;
  proxy_busy_buffers_size ${2 * bufferKib}k;
  client_body_buffer_size 16k;
  upstream web {
${upstream}
    keepalive 100;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
  }
  server {
    listen 127.0.0.1:${ports.http} backlog=4096;
    listen 127.0.0.1:${ports.tls} ssl backlog=4096;
    ssl_certificate ${tls.certificate};
    ssl_certificate_key ${tls.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ${proxied}
    location ${routedPath} { proxy_pass http://web; }
    location = /gone { return 410; }
    location / { proxy_pass http://web; }
  }
  server {
    listen 127.0.0.1:${ports.http};
    server_name old.example.com;
    return 302 https://www.example.com$request_uri;
  }
${routedHosts.map((host) => routed(host, ports.routes)).join("\n")}
}
`;
}

function routed(host: string, port: number): string {
  return `  server {
    listen 127.0.0.1:${port};
    server_name ${host};
    ${proxied}
    location ${routedPath} { proxy_pass http://web; }
  }`;
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
    async start(session, ports, servers) {
      const { nginx, nginxStream } = session.programs;
      if (nginx === null || nginxStream === null) throw new Error("nginx cannot proxy TCP here");
      const { certificate, folder } = session;
      const text = configuration(nginxStream, folder, ports, servers, bufferKib, certificate);
      const file = session.write(`${name}-${ports.tcp}.conf`, text);
      const command = [nginx.path, "-e", "stderr", "-p", session.folder, "-c", file];
      return { process: await session.serve("proxy", name, command, Object.values(ports)), ports };
    },
  };
}

export const nginxTargets: readonly Target[] = [
  targetOf("nginx", "nginx", 16),
  targetOf("nginx-64k", "nginx, 64 KiB buffers", 64),
];
