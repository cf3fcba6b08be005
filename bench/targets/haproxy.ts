// HAProxy in tcp mode on one thread: as it comes, and with the two settings that make bulk transfer
// cheaper. It must not get a setting that costs it something here and brings it nothing.
import { missing } from "../programs.ts";
import { type Target, maxconn, timeouts } from "./target.ts";

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

function configuration(variant: Variant, port: number, servers: readonly number[]): string {
  return `global
  nbthread 1
  maxconn ${maxconn(variant.descriptorsEach)}
${variant.global}
defaults
  mode tcp
  timeout connect ${timeouts.connect}
  timeout client ${timeouts.client}
  timeout server ${timeouts.server}
  timeout tunnel ${timeouts.tunnel}
  timeout client-fin ${timeouts.clientFin}
  retries 3
  option redispatch
${variant.defaults}
frontend bench
  bind 127.0.0.1:${port}
  default_backend origin
backend origin
  balance roundrobin
${servers.map((server, index) => `  server s${index + 1} 127.0.0.1:${server}`).join("\n")}
`;
}

function targetOf(variant: Variant): Target {
  const { name, title } = variant;
  return {
    name,
    title,
    find: ({ haproxy }) => haproxy ?? { missing: missing("haproxy", `${title} is not measured`) },
    async start(session, port, servers) {
      const program = session.programs.haproxy;
      if (program === null) throw new Error("HAProxy is not installed");
      const file = session.write(`${name}-${port}.cfg`, configuration(variant, port, servers));
      const command = [program.path, "-db", "-f", file];
      return { process: await session.serve("proxy", name, command, port), port };
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
