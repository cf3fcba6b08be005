// HAProxy on one thread: as it comes, and with the two settings that make bulk transfer
// cheaper. It must not get a setting that costs it something here and brings it nothing.
import { missing } from "../programs.ts";
import type { Session } from "../session.ts";
import { type Fronts, type Target, maxconn, routedHosts, routedPath, timeouts } from "./target.ts";

interface Variant {
  readonly name: string;
  readonly title: string;
  /** Lines for `global`. */
  readonly global: string;
  /** Lines for `defaults`. */
  readonly defaults: string;
  /** Descriptors of each connection. HAProxy does not start when the limit is below its maxconn. */
  readonly descriptorsEach: number;
}

/** What Ballast's `forwardedFor: true` tells servers. */
const forwarded = `  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]`;

function configuration(
  variant: Variant,
  ports: Fronts,
  servers: readonly number[],
  hosts: string,
  certificate: string,
): string {
  const lines = servers.map((server, index) => `  server s${index + 1} 127.0.0.1:${server}`);
  return `global
  nbthread 1
  maxconn ${maxconn(variant.descriptorsEach)}
${variant.global}
defaults
  timeout connect ${timeouts.connect}
  timeout client ${timeouts.client}
  timeout server ${timeouts.server}
  timeout tunnel ${timeouts.tunnel}
  timeout client-fin ${timeouts.clientFin}
  retries 3
  option redispatch
${variant.defaults}
frontend tcp
  mode tcp
  bind 127.0.0.1:${ports.tcp}
  default_backend origin
frontend http
  mode http
  bind 127.0.0.1:${ports.http}
  bind 127.0.0.1:${ports.tls} ssl crt ${certificate} ssl-min-ver TLSv1.2
${forwarded}
  http-request return status 410 if { path /gone } { method GET }
  http-request redirect prefix https://www.example.com if { hdr(host) -i old.example.com }
  use_backend web if { path_beg ${routedPath} }
  default_backend web
frontend routes
  mode http
  bind 127.0.0.1:${ports.routes}
${forwarded}
  use_backend %[req.hdr(host),field(1,:),lower,map_str(${hosts})] if { path_beg ${routedPath} }
backend origin
  mode tcp
  balance roundrobin
${lines.join("\n")}
backend web
  mode http
  balance roundrobin
${lines.join("\n")}
`;
}

/** Its way to route by many hosts: a file that it looks up in a tree. */
function hostsMap(session: Session): string {
  return session.write("hosts.map", routedHosts.map((host) => `${host} web\n`).join(""));
}

function targetOf(variant: Variant): Target {
  const { name, title } = variant;
  return {
    name,
    title,
    find: ({ haproxy }) => haproxy ?? { missing: missing("haproxy", `${title} is not measured`) },
    async start(session, ports, servers) {
      const program = session.programs.haproxy;
      if (program === null) throw new Error("HAProxy is not installed");
      const { both } = session.certificate;
      const text = configuration(variant, ports, servers, hostsMap(session), both);
      const file = session.write(`${name}-${ports.tcp}.cfg`, text);
      const command = [program.path, "-db", "-f", file];
      return { process: await session.serve("proxy", name, command, Object.values(ports)), ports };
    },
  };
}

export const haproxyTargets: readonly Target[] = [
  targetOf({ name: "haproxy", title: "HAProxy", global: "", defaults: "", descriptorsEach: 2 }),
  targetOf({
    name: "haproxy-splice",
    title: "HAProxy, splice",
    global: "",
    defaults: "  option splice-auto\n  option splice-response",
    // Besides two sockets a pipe for every fourth connection, which is two descriptors.
    descriptorsEach: 2.5,
  }),
  targetOf({
    name: "haproxy-64k",
    title: "HAProxy, 64 KiB buffers",
    global: "  tune.bufsize 65536",
    defaults: "",
    descriptorsEach: 2,
  }),
];
