// Where the lines of http mode go: a file that is rotated under traffic, a disk that is full, a reader that is
// slow. Requests go on, a line is whole or counted as lost, and none is written twice.
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { Asker } from "../support/http-ballast.ts";
import { httpConfig, named, request, startHttpServer } from "../support/http.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { type SessionLine, sessionsIn } from "../support/log-lines.ts";
import { until } from "../support/until.ts";

type Line = SessionLine & { readonly uri: string; readonly status: number };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  return folder;
}

function linesIn(file: string): Line[] {
  return sessionsIn(readFileSync(file, "utf8")) as Line[];
}

/** Clients that ask and ask, each request with a name of its own, until they are told to stop. */
class Traffic {
  readonly asked: string[] = [];
  readonly statuses = new Set<number>();
  #running = true;
  readonly #clients: Promise<unknown>;

  constructor(address: string) {
    const clients = Array.from({ length: 8 }, (_, i) =>
      i % 2 === 0 ? this.#keeps(address, i) : this.#returns(address, i),
    );
    this.#clients = Promise.all(clients).finally(() => {
      this.#running = false;
    });
    // It is looked at when they stop.
    this.#clients.catch(() => {});
  }

  async #keeps(address: string, id: number): Promise<void> {
    for (let n = 0; this.#running;) {
      const asker = await Asker.connect(address);
      for (const end = n + 50; n < end && this.#running; n++) {
        const target = `/${id}/${n}`;
        this.asked.push(target);
        this.statuses.add((await asker.ask(target)).status);
      }
      asker.peer.end();
    }
  }

  async #returns(address: string, id: number): Promise<void> {
    for (let n = 0; this.#running; n++) {
      const target = `/${id}/${n}`;
      this.asked.push(target);
      this.statuses.add((await request(address, target)).status);
    }
  }

  async more(count: number): Promise<void> {
    const goal = this.asked.length + count;
    await until("more requests", () => this.asked.length >= goal || !this.#running);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#clients;
  }
}

test("SIGUSR1 under traffic: the files together have one whole line for each request", async () => {
  const server = await startHttpServer(named("hello"));
  const access = join(newFolder(), "access.log");
  const config = httpConfig({ s: server.address }, { global: { workers: 2, log: { access } } });
  const ballast = await startBallast(config);
  const traffic = new Traffic(ballast.address);
  const files = [access];
  for (let i = 1; i <= 5; i++) {
    await traffic.more(20);
    await until("lines", () => readFileSync(access).length > 0);
    renameSync(access, `${access}.${i}`);
    files.push(`${access}.${i}`);
    const from = ballast.messages.length;
    ballast.signal("SIGUSR1");
    await ballast.untilMessage(({ message }) => message === "access log reopened", undefined, from);
  }
  await traffic.more(20);
  await traffic.stop();
  expect(await ballast.stop()).toBe(0);
  // A line that is torn is no JSON.
  const lines = files.map(linesIn);
  for (const each of lines) expect(each.length).toBeGreaterThan(0);
  const uris = lines.flat().map(({ uri }) => uri);
  expect(uris.toSorted()).toEqual(traffic.asked.toSorted());
  expect([...traffic.statuses]).toEqual([200]);
});

function lossOf(ballast: Ballast): ReturnType<Ballast["untilMessage"]> {
  return ballast.untilMessage(({ message }) => message.includes("the access log loses lines"));
}

test("a full disk costs lines, which are counted, and no request", async () => {
  const server = await startHttpServer(named("hello"));
  const log = { access: "/dev/full" };
  const ballast = await startBallast(httpConfig({ s: server.address }, { global: { log } }));
  const client = await Asker.connect(ballast.address);
  for (let i = 0; i < 5; i++) expect((await client.ask("/")).body).toBe("hello");
  const lost = await lossOf(ballast);
  expect(lost).toMatchObject({ level: "error", target: "/dev/full" });
  expect(lost.message).toContain("ENOSPC");
  expect(lost["droppedLines"]).toBeGreaterThan(0);
  expect(lost["droppedLines"]).toBeLessThanOrEqual(5);
  for (let i = 0; i < 5; i++) expect((await client.ask("/")).body).toBe("hello");
  expect(server.requests).toHaveLength(10);
  client.peer.end();
  expect(await ballast.stop()).toBe(0);
  // What is lost after that is told at the end.
  const told = ballast.messages.filter(({ message }) => message.includes("loses lines"));
  expect(told.at(-1)).toMatchObject({ droppedLines: 10 });
});

test("a line of any length is whole, and what Ballast answers itself is counted too", async () => {
  const limits = { headSize: "256KiB", uriLength: "200KiB" };
  const routes = [
    { match: { path: "/body", body: { contains: "end" } }, respond: { status: 202 } },
    { match: { path: "/*" }, respond: { status: 204 } },
  ];
  const ballast = await startBallast(
    httpConfig({ s: "127.0.0.1:9" }, { frontend: { limits, routes } }),
  );
  const client = await Asker.connect(ballast.address);
  // Looked at by a route: more of it than one receive brings.
  const body = `${"b".repeat(50_000)}end`;
  expect((await client.ask("/body", { method: "POST", body })).status).toBe(202);
  const targets = ["/short", `/${'"'.repeat(100_000)}`, "/last"];
  for (const target of targets) expect((await client.ask(target)).status).toBe(204);
  client.peer.end();
  expect(await ballast.stop()).toBe(0);
  const lines = ballast.sessions as readonly (Line & { readonly bytesIn: number })[];
  expect(lines.map(({ uri }) => uri)).toEqual(["/body", ...targets]);
  expect(lines[0]?.bytesIn).toBeGreaterThan(body.length + 20);
  expect(lines[0]?.bytesIn).toBeLessThan(body.length + 200);
  for (const { uri, bytesIn } of lines) expect(bytesIn).toBeGreaterThan(uri.length + 20);
});

test("a reader that does not keep up costs lines, which are counted, and no request", async () => {
  // Long lines, answered by the route: what may wait for the reader is a matter of bytes.
  const limits = { headSize: "64KiB", uriLength: "32KiB" };
  const routes = [{ match: { path: "/*" }, respond: { status: 204 } }];
  const ballast = await startBallast(
    httpConfig({ s: "127.0.0.1:9" }, { frontend: { limits, routes } }),
  );
  const { stdout } = ballast.process;
  stdout?.pause();
  const tail = "x".repeat(30_000);
  let asked = 0;
  const client = await Asker.connect(ballast.address);
  const ask = async (target: string): Promise<void> => {
    expect((await client.ask(target)).status).toBe(204);
    asked++;
  };
  const loses = (): boolean => ballast.messages.some(({ message }) => message.includes("loses"));
  await until("lines to be lost", async () => {
    for (let i = 0; i < 100; i++) client.send(`/${asked + i}/${tail}`);
    for (let i = 0; i < 100; i++) expect((await client.next()).status).toBe(204);
    asked += 100;
    return loses();
  });
  const lost = await lossOf(ballast);
  expect(lost).toMatchObject({ level: "error", target: "stdout" });
  expect(lost.message).toContain("stdout is too slow");
  expect(lost["droppedLines"]).toBeGreaterThan(0);
  expect(ballast.residentBytes).toBeLessThan(400 * 1024 * 1024);

  stdout?.resume();
  await until("the log to go on", async () => {
    await ask("/later");
    return (ballast.sessions as readonly Line[]).some(({ uri }) => uri === "/later");
  });
  client.peer.end();
  expect(await ballast.stop()).toBe(0);
  const lines = ballast.sessions as readonly Line[];
  // All that came is whole, in order and came once.
  expect(ballast.outLines).toHaveLength(lines.length);
  const numbers = lines.filter(({ uri }) => uri !== "/later").map(({ uri }) => uri.split("/")[1]);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.map(Number)).toEqual(numbers.map(Number).toSorted((one, other) => one - other));
  expect(lines.length).toBeLessThanOrEqual(asked - Number(lost["droppedLines"]));
});
