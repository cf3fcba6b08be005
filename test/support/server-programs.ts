// Servers in processes of their own (server-program.mjs): some can be killed with SIGKILL, some
// never accept.
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { connectClient, portOf } from "./clients.ts";
import { atTestEnd } from "./leftovers.ts";
import { LineReader } from "./line-reader.ts";
import { until } from "./until.ts";

const program = fileURLToPath(new URL("server-program.mjs", import.meta.url));

export interface ServerProgram {
  readonly address: string;
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
}

/** Says `NAME\n` first, then gives back what it gets. */
export async function startEchoProgram(name: string): Promise<ServerProgram> {
  return startProgram("echoes", name);
}

/** Answers each HTTP request with its name, over connections that it keeps. */
export async function startHttpProgram(name: string): Promise<ServerProgram> {
  return startProgram("serves", name);
}

/**
 * An address that drops SYNs: a listener that never accepts and whose backlog is full, so that a
 * connect hangs until its own limit. Linux says nothing to a SYN that finds a full backlog.
 */
export async function startSilentAddress(): Promise<string> {
  const { address } = await startProgram("deaf", "");
  // A backlog of one holds two connections, and nobody ever takes them out of it.
  await connectClient(address);
  await connectClient(address);
  return address;
}

async function startProgram(behaviour: string, name: string): Promise<ServerProgram> {
  let { child, address } = await launch(behaviour, "0", name);
  atTestEnd(() => end(child));
  return {
    address,
    kill: () => end(child),
    restart: async () => {
      ({ child, address } = await launch(behaviour, String(portOf(address)), name));
    },
  };
}

async function launch(
  behaviour: string,
  port: string,
  name: string,
): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn(process.execPath, [program, behaviour, port, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { lines } = new LineReader(child.stdout);
  const real = await until("a server program to listen", () => {
    if (child.exitCode !== null) throw new Error(`the server program exited: ${child.exitCode}`);
    return lines[0];
  });
  return { child, address: `127.0.0.1:${real}` };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
