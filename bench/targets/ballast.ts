// Ballast as built in this checkout, started as a user starts it: the command and a YAML file.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../session.ts";
import { type Target, maxconn, timeouts } from "./target.ts";

const command = join(projectRoot, "bin/ballast.js");

function configuration(port: number, servers: readonly number[]): string {
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
  bench:
    mode: tcp
    bind: 127.0.0.1:${port}
    maxconn: ${maxconn()}
    backend: origin
backends:
  origin:
    balance: roundrobin
    servers:
${servers.map((server, index) => `      s${index + 1}: 127.0.0.1:${server}`).join("\n")}
`;
}

export const ballast: Target = {
  name: "ballast",
  title: "Ballast",
  find() {
    if (!existsSync(command) || !existsSync(join(projectRoot, "dist/bundle/main.js"))) {
      return { missing: "Ballast is not built: run `npm run build`." };
    }
    const text = readFileSync(join(projectRoot, "package.json"), "utf8");
    const { version }: { version: string } = JSON.parse(text);
    return { version };
  },
  async start(session, port, servers) {
    const file = session.write(`ballast-${port}.yaml`, configuration(port, servers));
    const run = [process.execPath, command, "run", "-c", file];
    return { process: await session.serve("proxy", "ballast", run, port), port };
  },
};
