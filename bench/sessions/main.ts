// What asking for sessions costs those who have one: many live sessions through one Ballast, listed
// again and again, and the time of an echo through it with and without somebody asking.
// `node .tools/bench/sessions/main.js [--sessions 9000] [--workers 2] [--seconds 10] [--rounds 3]`.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import { endPrograms, Program } from "./program.ts";
import type { Times } from "./probe.ts";

const { values } = parseArgs({
  options: {
    sessions: { type: "string", default: "9000" },
    workers: { type: "string", default: "2" },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
  },
});
const sessionCount = Number(values.sessions);
const workerCount = Number(values.workers);
const phaseMs = Number(values.seconds) * 1000;

/** Sessions of one process of clients or of one server: each takes one descriptor there. */
const perProcess = 12_500;
/** Sessions from one address: no more than one answer may list. */
const perAddress = 5000;
const probes = 8;

interface Answer {
  readonly sessions: readonly unknown[];
  readonly complete: boolean;
  readonly more: boolean;
}

/** One kind of question, asked until the phase is over. */
interface Phase {
  readonly name: string;
  /** Queries asked one after the other; none: nobody asks. */
  readonly queries: readonly string[];
  /** Sessions that they find together. */
  readonly found: number;
}

const processes = Math.ceil(sessionCount / perProcess);
const addresses = Array.from(
  { length: Math.ceil(sessionCount / perAddress) },
  (_, i) => `127.0.1.${i + 1}`,
);
const folder = mkdtempSync(join(tmpdir(), "ballast-bench-"));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    endPrograms();
    process.exit(1);
  });
}
try {
  await measure();
} finally {
  endPrograms();
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<void> {
  const servers = await Promise.all(
    Array.from({ length: processes }, () => Program.beside("echo").line()),
  );
  const { front, admin } = await startBallast(servers);
  const beganMs = performance.now();
  await openCrowd(front);
  const probe = Program.beside("probe", front, String(probes));
  await probe.line();
  const inS = Math.round((performance.now() - beganMs) / 1000);
  console.log(`${sessionCount} sessions open after ${inS} s, ${workerCount} workers`);
  const pages = addresses.map((address) => `client=${address}&limit=10000`);
  const phases: readonly Phase[] = [
    { name: "nobody asks", queries: [], found: 0 },
    { name: "all, a page for each client address", queries: pages, found: sessionCount },
    { name: "a filter that nobody fits", queries: ["client=192.0.2.1"], found: 0 },
    { name: "the newest 100", queries: ["limit=100"], found: Math.min(100, sessionCount) },
  ];
  console.log(
    "| asked | round | questions | sessions told | echoes | p50, µs | p99, µs | max, µs |",
  );
  console.log("|---|---:|---:|---:|---:|---:|---:|---:|");
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const phase of phases) await run(phase, round, probe, admin);
  }
}

async function startBallast(
  servers: readonly string[],
): Promise<{ readonly front: string; readonly admin: string }> {
  const config = {
    global: { workers: workerCount, admin: { bind: "127.0.0.1:0" }, log: { access: "off" } },
    defaults: { timeout: { client: "1h", server: "1h", tunnel: "1h" } },
    frontends: { front: { mode: "tcp", bind: "127.0.0.1:0", backend: "back" } },
    backends: {
      back: {
        servers: Object.fromEntries(servers.map((port, i) => [`s${i}`, `127.0.0.1:${port}`])),
      },
    },
  };
  const file = join(folder, "ballast.yaml");
  writeFileSync(file, JSON.stringify(config));
  const bin = fileURLToPath(new URL("../../../bin/ballast.js", import.meta.url));
  const ballast = new Program([bin, "run", "-c", file], "stderr");
  for (;;) {
    const line = await ballast.line();
    const { message, addresses: listening, admin } = JSON.parse(line) as Record<string, unknown>;
    if (!String(message).startsWith("ready: ")) {
      console.error(line);
      continue;
    }
    void ballast.repeatRest();
    const [front = ""] = listening as string[];
    return { front: front.slice(front.lastIndexOf(":") + 1), admin: String(admin) };
  }
}

/** Each address has as many sessions as the next, but for one. */
async function openCrowd(front: string): Promise<void> {
  const crowds = Array.from({ length: processes }, (_, i) => {
    const own = addresses.filter((_address, number) => number % processes === i);
    return { own, count: 0 };
  });
  for (let i = 0; i < addresses.length; i++) {
    const share = Math.floor((sessionCount + i) / addresses.length);
    (crowds[i % processes] as { count: number }).count += share;
  }
  await Promise.all(
    crowds.map(({ own, count }) => Program.beside("crowd", front, String(count), ...own).line()),
  );
}

async function run(phase: Phase, round: number, probe: Program, admin: string): Promise<void> {
  await probe.ask();
  const endMs = performance.now() + phaseMs;
  let questions = 0;
  let told = 0;
  do {
    let found = 0;
    for (const query of phase.queries) {
      found += await ask(admin, query);
      questions++;
    }
    if (found !== phase.found) throw new Error(`${phase.name}: found ${found} of ${phase.found}`);
    told += found;
    if (phase.queries.length === 0) await delay(phaseMs);
  } while (performance.now() < endMs);
  const times = JSON.parse(await probe.ask()) as Times;
  const cells = [phase.name, round, questions, told, times.count, times.p50, times.p99, times.max];
  console.log(`| ${cells.join(" | ")} |`);
}

/** Asks once; throws unless the answer is whole. */
async function ask(admin: string, query: string): Promise<number> {
  const response = await fetch(`http://${admin}/api/v1/sessions?${query}`, {
    headers: { connection: "close" },
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { sessions, complete, more } = (await response.json()) as Answer;
  if (!complete || (more && !query.startsWith("limit=100"))) throw new Error(`${query}: not all`);
  return sessions.length;
}
