// Ballast as built in this checkout, or in another one to compare with, started as a user starts it: the
// command and a YAML file.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificate } from "../certificate.ts";
import { projectRoot } from "../session.ts";
import { type Fronts, type Target, maxconn, routedHosts, routedPath, timeouts } from "./target.ts";

function configuration(ports: Fronts, servers: readonly number[], tls: Certificate): string {
  const path = `"${routedPath}*"`;
  return `global: { workers: 1, admin: off, log: { access: off } }
defaults:
  timeout:
    connect: ${timeouts.connect}
    client: ${timeouts.client}
    server: ${timeouts.server}
    tunnel: ${timeouts.tunnel}
    clientFin: ${timeouts.clientFin}
  retries: 3
  redispatch: true
frontends:
  tcp: { mode: tcp, bind: "127.0.0.1:${ports.tcp}", maxconn: ${maxconn()}, backend: origin }
  http:
    mode: http
    bind:
      - 127.0.0.1:${ports.http}
      - address: 127.0.0.1:${ports.tls}
        tls: { certificates: [{ cert: ${tls.certificate}, key: ${tls.key} }] }
    maxconn: ${maxconn()}
    forwardedFor: true
    routes:
      - { match: { path: ${path} }, backend: origin }
      - { match: { path: /gone, method: GET }, respond: { status: 410 } }
      - { match: { host: old.example.com }, redirect: { to: "https://www.example.com{path}" } }
    backend: origin
  routes:
    mode: http
    bind: 127.0.0.1:${ports.routes}
    maxconn: ${maxconn()}
    forwardedFor: true
    routes:
${routedHosts.map((host) => `      - { match: { host: ${host}, path: ${path} }, backend: origin }`).join("\n")}
backends:
  origin:
    balance: roundrobin
    servers:
${servers.map((server, index) => `      s${index + 1}: 127.0.0.1:${server}`).join("\n")}
`;
}

/** Ballast as built in the checkout at `root`. */
function ballastIn(root: string, name: string, title: string, wanting: string): Target {
  const command = join(root, "bin/ballast.js");
  return {
    name,
    title,
    find() {
      if (root === "") return { missing: wanting };
      if (!existsSync(command) || !existsSync(join(root, "dist/bundle/main.js"))) {
        return { missing: `Ballast is not built in ${root}: run \`npm run build\` there.` };
      }
      const text = readFileSync(join(root, "package.json"), "utf8");
      const { version }: { version: string } = JSON.parse(text);
      return { version };
    },
    async start(session, ports, servers) {
      const file = session.write(
        `${name}-${ports.tcp}.yaml`,
        configuration(ports, servers, session.certificate),
      );
      const run = [process.execPath, command, "run", "-c", file];
      return { process: await session.serve("proxy", name, run, Object.values(ports)), ports };
    },
  };
}

export const ballastTargets: readonly Target[] = [
  ballastIn(projectRoot, "ballast", "Ballast", ""),
  ballastIn(
    process.env["BALLAST_CHECKOUT"] ?? "",
    "checkout",
    "the other Ballast",
    "BALLAST_CHECKOUT names no other checkout of Ballast.",
  ),
];
