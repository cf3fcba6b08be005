// What only real threads can break. As in balance/threads.test.ts the sources are compiled first, for
// a worker thread cannot load TypeScript on Node 20.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../test/support/until.ts";
import { type ControlStickTable, openStickTable } from "./stick-control.ts";
import {
  createStickTable,
  recordCell,
  recordCells,
  type StickTableMemory,
} from "./stick-memory.ts";
import { StickSlots } from "./stick-slots.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const workers = 4;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-stick-"));
  const project = {
    extends: join(root, "tsconfig.build.json"),
    compilerOptions: {
      outDir: folder,
      rootDir: join(root, "src"),
      typeRoots: [join(root, "node_modules/@types")],
    },
    files: [join(root, "src/scoreboard/stick-control.ts")],
    include: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the sources do not compile: ${stdout}`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Each thread stores, looks up and forgets keys at random; a key's servers are told by their number.
 * A third of the keys have equal hashes, a quarter are longer than what is kept of them. `turns` of a
 * thread grow while it runs; it ends after `times` operations.
 */
const program = `
  const { workerData, parentPort } = require("node:worker_threads");
  const { folder, memory, worker, turns, keys, times, start } = workerData;
  (async () => {
    const { openStickTable } = await import(folder + "/scoreboard/stick-control.js");
    const table = openStickTable(memory, worker);
    const key = table.newKey();
    let random = 88675123 + 7919 * start;
    const next = (below) => {
      random ^= random << 13; random ^= random >>> 17; random ^= random << 5;
      return (random >>> 0) % below;
    };
    const done = { wrong: 0, lookups: 0, hits: 0, stores: 0, lost: 0, now: 0 };
    for (let i = 0; i < times; i++) {
      const number = next(keys);
      if (number % 4 === 3) key.setText("n".repeat(60) + number);
      else if (number % 4 === 2) key.setAddress({ family: "ipv4", host: "10.0." + (number >> 8) + "." + (number & 255), port: 1 });
      else key.setText("host" + number + ".example.org");
      if (number % 3 === 0 && number % 4 !== 3) key.hashLow = key.hashHigh = 9;
      const now = i / 10;
      const kind = next(10);
      if (kind < 5) {
        const server = table.lookup(key, now);
        done.lookups++;
        if (server !== 0) done.hits++;
        if (server !== 0 && server >> 4 !== number + 1) done.wrong++;
      } else if (kind < 9) {
        if (table.store(key, ((number + 1) << 4) | worker, now)) done.stores++;
        else done.lost++;
      } else table.forget(key);
      Atomics.add(turns, worker, 1);
    }
    done.now = times / 10;
    parentPort.postMessage(done);
  })();
`;

interface Done {
  readonly wrong: number;
  readonly lookups: number;
  readonly hits: number;
  readonly stores: number;
  readonly lost: number;
  readonly now: number;
}

let started = 0;

interface Hammer {
  readonly memory: StickTableMemory;
  readonly turns: Int32Array;
  readonly keys: number;
  readonly times: number;
}

function thread(hammer: Hammer, worker: number): Worker {
  started++;
  const workerData = { ...hammer, worker, start: started, folder: pathToFileURL(folder).href };
  return new Worker(program, { eval: true, workerData });
}

function result(worker: Worker): Promise<Done> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function hammerOf(size: number, keys: number, times: number, expireMs = 1_000_000): Hammer {
  const memory = createStickTable({ size, expireMs, workers });
  return { memory, turns: new Int32Array(new SharedArrayBuffer(4 * workers)), keys, times };
}

/** No slot is owned or odd; the balance is what is there; no key leads to another's server. */
function expectSound(memory: StickTableMemory, control: ControlStickTable, now: number): string[] {
  const { cells, places } = new StickSlots(memory, workers);
  for (let slot = 0; slot < places.slots; slot++) {
    const record = places.recordsAt + slot * recordCells;
    expect(cells[record + recordCell.owner]).toBe(0);
    expect((cells[record + recordCell.version] as number) & 1).toBe(0);
  }
  control.sweep(now, control.capacity);
  const entries = control.entries(now, Infinity);
  expect(control.used).toBe(entries.length);
  const whole = entries.filter(({ key }) => !key.endsWith("..."));
  for (const { key, server, kind } of whole) {
    const [, , high = 0, low = 0] = key.split(".").map(Number);
    const number = kind === "ipv4" ? high * 256 + low : Number(/\d+/.exec(key)?.[0]);
    expect(server >> 4).toBe(number + 1);
  }
  return whole.map(({ key }) => key);
}

describe("with real threads", () => {
  it.each([
    ["with room for all keys", 400, 300, 1_000_000],
    ["that is far too small", 20, 300, 1_000_000],
    ["whose entries expire all the time", 100, 300, 20],
    ["of one entry", 1, 20, 1_000_000],
  ])("a table %s never gives a wrong server", async (_, size, keys, expireMs) => {
    const hammer = hammerOf(size, keys, 50_000, expireMs);
    const control = openStickTable(hammer.memory, null);
    const running = Array.from({ length: workers }, (__, worker) => thread(hammer, worker));
    const watch = { most: 0, timer: setInterval(() => look(), 1) };
    const look = (): void => {
      watch.most = Math.max(watch.most, control.used);
      control.entries(0, 5);
    };
    const all = await Promise.all(running.map(result)).finally(() => clearInterval(watch.timer));
    await Promise.all(running.map((worker) => worker.terminate()));

    const sum = (of: keyof Done): number => all.reduce((total, each) => total + each[of], 0);
    expect(sum("wrong")).toBe(0);
    expect(sum("hits")).toBeGreaterThan(1000);
    expect(watch.most).toBeLessThanOrEqual(size + workers);
    expect(control.used).toBeLessThanOrEqual(size);
    const { hits, misses, stores, storesLost, evictions, expirations } = control.counters();
    expect(hits).toBe(sum("hits"));
    expect(hits + misses).toBe(sum("lookups"));
    expect(stores).toBe(sum("stores"));
    expect(storesLost).toBe(sum("lost"));
    expect(evictions + expirations + control.used).toBeLessThanOrEqual(stores);
    const stored = expectSound(hammer.memory, control, all[0]?.now ?? 0);
    expect(new Set(stored).size).toBe(stored.length);
  });

  it("threads ended at any moment leave nothing behind", async () => {
    const hammer = hammerOf(20, 60, Infinity);
    const control = openStickTable(hammer.memory, null);
    const running = Array.from({ length: workers }, (_, worker) => thread(hammer, worker));
    for (let round = 0; round < 16; round++) {
      const worker = round % workers;
      const before = Atomics.load(hammer.turns, worker);
      await until("the thread to work", () => Atomics.load(hammer.turns, worker) > before + 1000);
      await (running[worker] as Worker).terminate();
      control.releaseWorker(worker);
      expect(control.used).toBeLessThanOrEqual(20 + workers);
      running[worker] = thread(hammer, worker);
    }
    await Promise.all(running.map((worker) => worker.terminate()));
    for (let worker = 0; worker < workers; worker++) control.releaseWorker(worker);
    expectSound(hammer.memory, control, 0);

    // And the table works: every key can be stored and found.
    const key = control.newKey();
    for (let number = 0; number < 200; number++) {
      key.setText(`later ${number}`);
      expect(control.store(key, number + 1, 0)).toBe(true);
      expect(control.lookup(key, 0)).toBe(number + 1);
    }
    expect(control.used).toBe(20);
  });
});
