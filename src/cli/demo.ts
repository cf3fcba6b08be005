// `ballast demo`: small HTTP servers that answer with their own name, three backends of them behind a
// load balancer in http mode, and what to try.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { parseConfig } from "../config/load.ts";
import { formatProblem } from "../config/problem.ts";
import { openLog } from "../control/log.ts";
import { serve } from "./service.ts";

const names = ["red", "green", "blue", "api1", "api2", "shop1", "shop2"];
/** Tried first, because they read well; any free port serves. */
const preferredPort = 8080;
const preferredAdminPort = 9400;

/** Runs until a signal ends it; the exit code is that of serve(). */
export async function demo(): Promise<number> {
  const servers = await Promise.all(names.map(startServer));
  const port = (await isFree(preferredPort)) ? preferredPort : 0;
  const adminPort = (await isFree(preferredAdminPort)) ? preferredAdminPort : 0;
  const text = demoConfig(port, adminPort, servers);
  const { plan, problems } = parseConfig(text, "demo.yaml", process.env);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (plan === null) return 2;
  const code = await serve({
    plan,
    log: openLog("warn"),
    reload: () => Promise.resolve({ plan, problems }),
    onReady: ({ addresses }) => process.stdout.write(greeting(text, addresses[0] ?? "")),
  });
  for (const { server } of servers) {
    server.close();
    server.closeAllConnections();
  }
  return code;
}

interface DemoServer {
  readonly name: string;
  readonly port: number;
  readonly server: Server;
}

function startServer(name: string): Promise<DemoServer> {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "text/plain");
    response.end(`hello from ${name}: ${request.method} ${request.url}\n`);
  });
  return listen(server, 0).then((port) => ({ name, port, server }));
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
}

function demoConfig(port: number, adminPort: number, servers: readonly DemoServer[]): string {
  const at = new Map(servers.map((server) => [server.name, server.port]));
  const server = (name: string): string => `      ${name}: 127.0.0.1:${at.get(name)}`;
  return `global:
  workers: 1
  admin: { bind: 127.0.0.1:${adminPort} }
frontends:
  demo:
    mode: http
    bind: 127.0.0.1:${port}
    forwardedFor: true
    routes:
      - match: { path: "/api/*" }
        request: { path: { stripPrefix: /api } }
        backend: api
      - match: { path: "/shop/*" }
        backend: shop
      - match: { path: "/old/*" }
        redirect: { to: "/shop/", status: 302 }
    backend: colours
backends:
  colours:
    servers:
${["red", "green", "blue"].map(server).join("\n")}
  api:
    balance: leastconn
    servers:
${["api1", "api2"].map(server).join("\n")}
  shop:
    cookie: { name: SRV, mode: insert, indirect: true, nocache: true, httpOnly: true }
    servers:
${["shop1", "shop2"].map(server).join("\n")}
`;
}

function greeting(config: string, address: string): string {
  return `Ballast balances seven servers in three backends with this configuration:

${config.replace(/^/gm, "    ").trimEnd()}

Try it, several times:

    curl http://${address}/
    curl http://${address}/api/users          # another backend, and the server sees /users
    curl -c jar -b jar http://${address}/shop/   # a cookie leads back to the same server
    curl -L http://${address}/old/page        # redirected

Each request gets the next server. Below is one line for each; Ctrl-C ends the demo.

`;
}
