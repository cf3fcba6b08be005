// A network in which the kernel itself gives up a connect within seconds: a namespace of its own,
// made and held by silent-network-program.mjs. A command enters it by `shell`; unix sockets lead in
// and out. The machine's own settings stay as they are.
import { spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { atTestEnd } from "./leftovers.ts";
import { LineReader } from "./line-reader.ts";
import { until } from "./until.ts";

const program = fileURLToPath(new URL("silent-network-program.mjs", import.meta.url));

export interface SilentNetwork {
  /** In it: drops SYNs, so that a connect ends with ETIMEDOUT after 3 s. */
  readonly address: string;
  /** Of CommandOptions: makes a command run there. */
  readonly shell: string;
}

interface Privilege {
  readonly unshare: readonly string[];
  readonly nsenter: readonly string[];
}

/** As root, or as somebody who may be root in a user namespace. */
const privileges: readonly Privilege[] = [
  { unshare: ["--net"], nsenter: ["--net"] },
  {
    unshare: ["--user", "--map-root-user", "--net"],
    nsenter: ["--user", "--preserve-credentials", "--net"],
  },
];

const refusals = privileges.map(refusal);
const privilege = privileges[refusals.indexOf("")];

/** Why this machine lets nobody make such a network; empty when it does. */
export const networkObstacle: string =
  privilege === undefined ? `no network namespace may be made here: ${refusals.join("; ")}` : "";

/** What is asked for is what the program will do: a namespace whose settings can be written. */
function refusal({ unshare }: Privilege): string {
  const write = "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries && nsenter --version";
  const { status, stderr, error } = spawnSync("unshare", [...unshare, "sh", "-c", write], {
    encoding: "utf8",
  });
  if (status === 0) return "";
  return error?.message ?? stderr.trim();
}

/** Gone when the test ends. Rejects where there is a `networkObstacle`. */
export async function startSilentNetwork(): Promise<SilentNetwork> {
  if (privilege === undefined) throw new Error(networkObstacle);
  const words = [...privilege.unshare, process.execPath, program];
  const holder = spawn("unshare", words, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => holder.once("exit", resolve));
  atTestEnd(async () => {
    holder.kill("SIGKILL");
    await exited;
  });
  const { lines } = new LineReader(holder.stdout);
  const address = await until("a network to be prepared", () => {
    if (holder.exitCode !== null) throw new Error(`preparing a network: exit ${holder.exitCode}`);
    return lines[0];
  });
  const enter = ["nsenter", ...privilege.nsenter, `--target=${holder.pid}`].join(" ");
  return { address, shell: `exec ${enter} "$@"` };
}
