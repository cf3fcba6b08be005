// Several workers in http mode: both take clients, what they pass on is whole, a cookie leads to its server
// from each of them, and a reload under load takes no request from anybody.
import { expect, test } from "vitest";
import { workerField } from "../../dist/scoreboard/fields.js";
import { Asker, type HttpBallast, pairsConfig, startHttp } from "../support/http-ballast.ts";
import { named, request, startHttpServer } from "../support/http.ts";
import { planOf } from "../support/library.ts";
import { until } from "../support/until.ts";

const twoWorkers = { workers: 2 };

/** Connections that each worker has taken. */
function taken({ supervisor }: HttpBallast): number[] {
  return [0, 1].map((worker) => supervisor.board.workers.column(worker, 0, workerField.sessions));
}

/** A body of its own for each target, of up to some 60 KB. */
function bodyOf(target: string): string {
  const [, client = "0", turn = "0"] = target.split("/");
  const times = 1 + ((Number(client) * 7919 + Number(turn) * 104_729) % 3000);
  return `${target} of many bytes\n`.repeat(times);
}

test("requests over many connections reach both workers, and each gets its own answer, whole", async () => {
  const server = await startHttpServer((asked, response) => {
    const { url = "" } = asked;
    const body = bodyOf(url);
    // By turns of a length that is known, and in chunks.
    if (url.endsWith("1")) response.setHeader("content-length", body.length);
    response.write(body.slice(0, body.length / 3));
    response.end(body.slice(body.length / 3));
  });
  const ballast = await startHttp({ all: { servers: { s: server.address } } }, twoWorkers);
  let clients = 0;
  const visit = async (): Promise<void> => {
    const asker = await Asker.connect(ballast.at("all"));
    const client = clients++;
    for (let turn = 0; turn < 5; turn++) {
      const target = `/${client}/${turn}`;
      const { status, body } = await asker.ask(target);
      expect([status, body === bodyOf(target)]).toEqual([200, true]);
    }
    asker.peer.end();
  };
  // The kernel deals them out as it likes.
  await until("both workers to have had several", async () => {
    await Promise.all(Array.from({ length: 16 }, visit));
    return Math.min(...taken(ballast)) >= 5;
  });
  await ballast.untilIdle();
  const [one = 0, two = 0] = taken(ballast);
  expect(one + two).toBe(clients);
  expect(ballast.frontend("all")).toMatchObject({ http2xx: 5 * clients });
  expect(server.requests).toHaveLength(5 * clients);
});

test("a cookie leads back to its server whichever worker takes the connection", async () => {
  const names = ["s1", "s2", "s3"];
  const servers = await Promise.all(
    names.map(async (name) => [name, (await startHttpServer(named(name))).address] as const),
  );
  const pair = { servers: Object.fromEntries(servers), cookie: { name: "SRV" } };
  const ballast = await startHttp({ all: pair }, twoWorkers);
  const cookies = new Map<string, string>();
  for (const _ of names) {
    const { body, fields } = await request(ballast.at("all"));
    cookies.set(body, fields["set-cookie"]?.split(";")[0] ?? "");
  }
  expect([...cookies.keys()].toSorted()).toEqual(names);
  const before = taken(ballast);
  for (const [name, cookie] of cookies) {
    await until(`both workers to have followed the cookie of ${name}`, async () => {
      for (let i = 0; i < 4; i++) {
        expect(
          (await request(ballast.at("all"), "/", { headers: [`Cookie: ${cookie}`] })).body,
        ).toBe(name);
      }
      const now = taken(ballast);
      return now.every((count, worker) => count > (before[worker] ?? 0));
    });
    for (const [worker, count] of taken(ballast).entries()) before[worker] = count;
  }
});

test("reloads under load take no request from clients of either worker", async () => {
  const bytes = 40_000;
  const servers = await Promise.all(
    ["a", "b", "c"].map((name) =>
      startHttpServer((asked, response) => {
        asked.resume();
        // In two parts, so that there is always one in the middle of its answer.
        response.write(name.repeat(bytes / 2));
        setTimeout(() => response.end(name.repeat(bytes / 2)), 5);
      }),
    ),
  );
  const [a, b, c] = servers.map(({ address }) => address);
  const plans = [{ a, b }, { b, c }, { c }, { a, c }, { a, b }].map((each) => ({
    all: { servers: each },
  }));
  const ballast = await startHttp(plans[0] ?? {}, twoWorkers);
  const bind = ballast.at("all");
  const load = { running: true, answers: 0 };
  const wrong: string[] = [];
  const met = new Set<string>();
  const note = (status: number, body: string): void => {
    const [name = ""] = body;
    const whole = status === 200 && body === name.repeat(bytes);
    if (!whole) wrong.push(`${status}, ${body.length} bytes`);
    met.add(name);
    load.answers++;
  };
  const keeps = async (): Promise<void> => {
    while (load.running) {
      const asker = await Asker.connect(bind);
      // Not for ever: what one has been answered is looked through again and again.
      for (let i = 0; i < 10 && load.running; i++) {
        const { status, body } = await asker.ask(
          "/",
          i % 3 === 0 ? { method: "PUT", body: "x" } : {},
        );
        note(status, body);
      }
      asker.peer.end();
    }
  };
  const returns = async (): Promise<void> => {
    while (load.running) {
      const { status, body } = await request(bind, "/");
      note(status, body);
    }
  };
  const clients = Array.from({ length: 12 }, (_, i) => (i % 4 === 3 ? returns() : keeps()));
  // A client that fails is found at the end, and must not hold up the rest.
  const all = Promise.all(clients).finally(() => {
    load.running = false;
  });
  all.catch(() => {});
  const more = async (): Promise<void> => {
    const goal = load.answers + 30;
    await until("more answers", () => load.answers >= goal || !load.running);
  };
  await more();
  for (let round = 0; round < 2; round++) {
    for (const plan of plans) {
      await ballast.supervisor.replace(planOf(pairsConfig(plan, twoWorkers)));
      await more();
    }
  }
  load.running = false;
  await all;
  expect(wrong).toEqual([]);
  expect([...met].toSorted()).toEqual(["a", "b", "c"]);
  expect(Math.min(...taken(ballast))).toBeGreaterThan(0);
  expect(ballast.frontend("all")).toMatchObject({ http5xx: 0, http4xx: 0, serverAborts: 0 });
  await ballast.untilIdle();
});
