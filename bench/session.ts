// One run's surroundings: its temporary folder, its processes, its ports, its cores. Made by
// main.ts, passed to everything that starts or measures something, closed however the run ends.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { type Child, Children } from "./children.ts";
import { type Cores, pinned } from "./cores.ts";
import type { Programs } from "./programs.ts";

/** The checkout: this file runs as .tools/bench/session.js. */
export const projectRoot: string = fileURLToPath(new URL("../..", import.meta.url));

// Below the range that the kernel takes outgoing ports from, so no connection of this run can sit
// on a port between the moment it is chosen and the moment a server binds it.
const portFirst = 20_000;
const portLast = 32_000;
const startupMs = 15_000;

/** Whether a server could listen on this port of 127.0.0.1 now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1");
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

/** Descriptors that a process of this run may have open. Node has raised the soft limit already. */
export function descriptorLimit(): number {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1] ?? "1024";
  return hard === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(hard);
}

export class Session {
  readonly programs: Programs;
  readonly cores: Cores;
  readonly folder: string;
  readonly certificate: Certificate;
  private readonly children = new Children();
  private portNext = portFirst + Math.floor(Math.random() * 8000);

  constructor(programs: Programs, cores: Cores) {
    this.programs = programs;
    this.cores = cores;
    this.folder = mkdtempSync(join(tmpdir(), "ballast-bench-"));
    // nginx started by root gives up its rights before it reads the files to serve.
    chmodSync(this.folder, 0o755);
    if (programs.openssl === null) throw new Error("a session needs openssl");
    this.certificate = makeCertificate(programs.openssl, this.folder);
  }

  /** Writes a file into the temporary folder and gives its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** A port of 127.0.0.1 that nobody listens on. */
  async freePort(): Promise<number> {
    for (; this.portNext < portLast; this.portNext++) {
      if (await isFree(this.portNext)) return this.portNext++;
    }
    throw new Error(`no free port between ${portFirst} and ${portLast}`);
  }

  /** Starts a process on the core of its role. */
  start(
    role: keyof Cores,
    name: string,
    command: readonly string[],
    messages = false,
  ): Promise<Child> {
    const where = pinned(this.programs.taskset, this.cores[role], command);
    return this.children.start(name, where, messages);
  }

  /** Starts a server and waits until it accepts connections on all of `ports`. */
  async serve(
    role: keyof Cores,
    name: string,
    command: readonly string[],
    ports: readonly number[],
  ): Promise<Child> {
    const child = await this.start(role, name, command);
    const giveUp = Date.now() + startupMs;
    while (child.running && Date.now() < giveUp) {
      if ((await Promise.all(ports.map(accepts))).every(Boolean)) return child;
      await delay(20);
    }
    const why = child.running ? `did not listen within ${startupMs / 1000} s` : "ended at once";
    await child.stop();
    await child.exited;
    throw new Error(`${name} ${why}. It said:\n${child.output.trim() || "(nothing)"}`);
  }

  /** Ends every process, then removes the folder. May be called again. */
  async close(): Promise<void> {
    await this.children.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The same without waiting, for an exit that cannot. */
  closeNow(): void {
    this.children.killNow();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
