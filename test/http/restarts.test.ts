// Servers restart and die under clients that only send what may be sent again: no client hears of it.
import { expect, test } from "vitest";
import { Asker, type HttpBallast, startHttp } from "../support/http-ballast.ts";
import { type HttpServer, startHttpServer } from "../support/http.ts";
import { portOf } from "../support/clients.ts";
import { startHttpProgram } from "../support/server-programs.ts";
import { until } from "../support/until.ts";

/** Clients that ask and ask over connections of their own, and what they were answered. */
class Load {
  readonly answers = new Map<string, number>();
  count = 0;
  #running = true;
  #askers: Promise<void>[] = [];

  start(address: string, clients: number): void {
    for (let i = 0; i < clients; i++) this.#askers.push(this.#ask(address, i));
  }

  async #ask(address: string, which: number): Promise<void> {
    const asker = await Asker.connect(address);
    const options = which % 3 === 0 ? { method: "PUT", body: "some body" } : {};
    while (this.#running) {
      let answer: string;
      try {
        answer = String((await asker.ask("/", options)).status);
      } catch (error) {
        answer = (error as Error).message;
        this.#running = false;
      }
      this.count++;
      this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
    }
  }

  /** So many more answers have come. */
  async more(count: number): Promise<void> {
    const goal = this.count + count;
    await until("more answers", () => this.count >= goal || !this.#running);
  }

  async stop(): Promise<ReadonlyMap<string, number>> {
    this.#running = false;
    await Promise.all(this.#askers);
    return this.answers;
  }
}

function replays(ballast: HttpBallast, servers: number): number {
  let sum = 0;
  for (let row = 0; row < servers; row++) sum += ballast.server(row).replays;
  return sum;
}

test.each(["gently", "abruptly"])("a rolling restart, %s, loses nothing", async (how) => {
  const closing = new Set<number>();
  const answer: Parameters<typeof startHttpServer>[0] = (asked, response) => {
    asked.resume();
    setTimeout(() => {
      if (closing.has(asked.socket.localPort ?? 0)) response.shouldKeepAlive = false;
      response.end("done");
    }, 3);
  };
  const running: HttpServer[] = [];
  for (let i = 0; i < 3; i++) running.push(await startHttpServer(answer));
  const servers = Object.fromEntries(running.map(({ address }, i) => [`s${i}`, address]));
  const ballast = await startHttp({ all: { servers } });
  const load = new Load();
  load.start(ballast.at("all"), 12);
  await load.more(100);
  for (let round = 0; round < 2; round++) {
    for (const [i, { server, address, connections }] of running.entries()) {
      const port = portOf(address);
      const closed = new Promise((resolve) => server.close(resolve));
      // Gently: what is idle is closed now, the rest after its answer.
      closing.add(port);
      if (how === "abruptly") for (const socket of connections) socket.resetAndDestroy();
      await closed;
      closing.delete(port);
      await load.more(30);
      running[i] = await startHttpServer(answer, port);
      await load.more(30);
    }
  }
  const answers = await load.stop();
  expect([...answers.keys()]).toEqual(["200"]);
  // Gently, all may happen while a connection is idle: then only connects were refused, and went elsewhere.
  const { httpRetries, redispatches } = ballast.backend("all");
  expect(replays(ballast, 3) + httpRetries + redispatches).toBeGreaterThan(0);
});

test("SIGKILL of a server costs no client a request", async () => {
  const one = await startHttpProgram("one");
  const two = await startHttpProgram("two");
  const ballast = await startHttp({ all: { servers: { one: one.address, two: two.address } } });
  const load = new Load();
  load.start(ballast.at("all"), 12);
  await load.more(100);
  await one.kill();
  await load.more(100);
  await one.restart();
  await load.more(100);
  await two.kill();
  await load.more(100);
  const answers = await load.stop();
  expect([...answers.keys()]).toEqual(["200"]);
  expect(ballast.backend("all").redispatches).toBeGreaterThan(0);
});
