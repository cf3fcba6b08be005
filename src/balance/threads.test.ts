// The promises that only real threads can break. A worker thread cannot load TypeScript on Node 20,
// so the sources that it needs are compiled into a temporary folder first, by the same compiler and
// settings as the build; each thread runs a few lines that import them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendField, frontendField, serverField } from "../scoreboard/fields.ts";
import { ServerState } from "../scoreboard/server-state.ts";
import type { ScoreboardMemory } from "../scoreboard/memory.ts";
import {
  type ControlScoreboard,
  createScoreboard,
  openScoreboard,
} from "../scoreboard/scoreboard.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const threads = 4;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-threads-"));
  const project = {
    extends: join(root, "tsconfig.build.json"),
    compilerOptions: {
      outDir: folder,
      rootDir: join(root, "src"),
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    },
    files: [join(root, "src/balance/selection.ts")],
    include: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the sources do not compile: ${stdout}`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Opens the board, waits until all threads are ready, runs `body`, and reports its result. */
const prologue = `
  const { workerData, parentPort } = require("node:worker_threads");
  const { folder, memory, worker, gate, threads, plan, times } = workerData;
  (async () => {
    const { openScoreboard } = await import(folder + "/scoreboard/scoreboard.js");
    const { serverField, backendField, frontendField } = await import(folder + "/scoreboard/fields.js");
    const { Selection } = await import(folder + "/balance/selection.js");
    const { PickRequest } = await import(folder + "/balance/policy.js");
    const { seededRandom } = await import(folder + "/balance/random.js");
    const board = openScoreboard(memory, worker);
    const selection = plan && new Selection(plan, board, seededRandom(worker));
    const request = new PickRequest();
    Atomics.add(gate, 0, 1);
    while (Atomics.load(gate, 0) < threads) {}
    parentPort.postMessage((() => { BODY })());
  })();
`;

interface Job {
  readonly memory: ScoreboardMemory;
  readonly body: string;
  readonly times: number;
  readonly plan?: unknown;
}

/** Runs the body in all threads at once; their answers, by worker. */
async function together(job: Job): Promise<unknown[]> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const { memory, plan, times } = job;
  const running = Array.from({ length: threads }, async (_, worker) => {
    const workerData = {
      folder: pathToFileURL(folder).href,
      memory,
      worker,
      gate,
      threads,
      plan,
      times,
    };
    const thread = new Worker(prologue.replace("BODY", job.body), { eval: true, workerData });
    const answer = await new Promise((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", reject);
    });
    await thread.terminate();
    return answer;
  });
  return Promise.all(running);
}

interface Board {
  readonly memory: ScoreboardMemory;
  readonly control: ControlScoreboard;
}

function board(weights: readonly number[]): Board {
  const servers = Math.max(1, weights.length);
  const memory = createScoreboard({ workers: threads, servers, backends: 1, frontends: 1 });
  const control = openScoreboard(memory, null);
  for (const [row, weight] of weights.entries()) control.setServer(0, row, ServerState.up, weight);
  return { memory, control };
}

function planOf(policy: string, weights: readonly number[]): unknown {
  const servers = weights.map((_, row) => ({
    name: `server${row}`,
    row,
    backup: false,
    maxconn: 0,
  }));
  const rules = { allBackups: false, panicThreshold: 0, table: null };
  return { policy, options: { boundedLoad: 0 }, row: 0, servers, ...rules };
}

describe("with real threads", () => {
  it.each([
    ["equal weights", [1, 1, 1, 1, 1, 1, 1]],
    ["weights 5, 1, 1", [5, 1, 1]],
    ["200 servers of different weights", Array.from({ length: 200 }, (_, i) => 1 + (i % 10))],
  ])("roundrobin is exact over all of them: %s", async (_, weights) => {
    const { memory } = board(weights);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const rounds = Math.ceil(100_000 / total);
    const answers = await together({
      memory,
      plan: planOf("roundrobin", weights),
      times: rounds * total,
      body: `
        const counts = new Float64Array(plan.servers.length);
        for (let i = 0; i < times; i++) counts[selection.pick(request)]++;
        return counts;
      `,
    });
    const counts = weights.map((__, i) =>
      (answers as Float64Array[]).reduce((sum, each) => sum + (each[i] as number), 0),
    );
    expect(counts).toEqual(weights.map((weight) => weight * rounds * threads));
  });

  it("roundrobin is exact also where its cursor starts anew", async () => {
    const { memory, control } = board([5, 1, 1]);
    const start = 0x7fff_ffff - (0x7fff_ffff % 7) - 70_000;
    control.backends.store(0, backendField.cursor, start);
    const answers = await together({
      memory,
      plan: planOf("roundrobin", [5, 1, 1]),
      times: 70_000,
      body: `
        const counts = new Float64Array(3);
        for (let i = 0; i < times; i++) counts[selection.pick(request)]++;
        return counts;
      `,
    });
    const counts = [0, 1, 2].map((i) =>
      (answers as Float64Array[]).reduce((sum, each) => sum + (each[i] as number), 0),
    );
    expect(counts).toEqual([200_000, 40_000, 40_000]);
    expect(control.backends.load(0, backendField.cursor)).toBe(210_000);
  });

  it("leastconn with sessions that stay ends up level", async () => {
    const weights = [1, 1, 2];
    const { memory, control } = board(weights);
    await together({
      memory,
      plan: planOf("leastconn", weights),
      times: 1000,
      body: `
        for (let i = 0; i < times; i++) {
          board.servers.gaugeAdd(selection.pick(request), serverField.active, 1);
        }
      `,
    });
    const active = weights.map((_, row) => control.servers.gauge(row, serverField.active));
    expect(active.reduce((sum, each) => sum + each, 0)).toBe(4000);
    // Each thread may have one pick under way that the others do not see yet.
    for (const [row, weight] of weights.entries()) {
      expect(Math.abs((active[row] as number) - weight * 1000)).toBeLessThanOrEqual(2 * threads);
    }
  });

  it("gauges and counters lose nothing", async () => {
    const { memory, control } = board([1]);
    await together({
      memory,
      times: 100_000,
      body: `
        for (let i = 0; i < times; i++) {
          board.servers.gaugeAdd(0, serverField.active, i % 3 === 0 ? -1 : 1);
          board.servers.count(0, serverField.bytesIn, i);
        }
      `,
    });
    const eachActive = 100_000 - 2 * 33_334;
    expect(control.servers.gauge(0, serverField.active)).toBe(threads * eachActive);
    expect(control.servers.sum(0, serverField.bytesIn)).toBe((threads * 100_000 * 99_999) / 2);

    for (let worker = 1; worker < threads; worker++) control.releaseWorker(worker);
    expect(control.servers.gauge(0, serverField.active)).toBe(eachActive);
    control.releaseWorker(0);
    expect(control.servers.idle(0)).toBe(true);
  });

  it("no more sessions are admitted than there is room for", async () => {
    const { memory, control } = board([1]);
    const admitted = await together({
      memory,
      times: 20_000,
      body: `
        let admitted = 0;
        for (let i = 0; i < times; i++) {
          if (board.frontends.gaugeAdd(0, frontendField.active, 1) <= 5000) admitted++;
          else board.frontends.gaugeAdd(0, frontendField.active, -1);
        }
        return admitted;
      `,
    });
    expect((admitted as number[]).reduce((sum, each) => sum + each, 0)).toBe(5000);
    expect(control.frontends.gauge(0, frontendField.active)).toBe(5000);
  });
});
