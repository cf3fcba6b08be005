// Requests that come and go by the thousand: over kept connections and over new ones, some of them given up in
// the middle. What one has used is there for the next, in memory, descriptors and connections to the server.
import { createConnection, type Socket } from "node:net";
import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { portOf } from "../support/clients.ts";
import { httpConfig, type HttpServer, startHttpServer } from "../support/http.ts";
import { until } from "../support/until.ts";

/** Of all this, a half is done twice: what the first one has left may be used by the second. */
const wavesAHalf = 5;
/** In a wave, all at once: clients that keep their connection for some requests, and those of one request. */
const keepers = 10;
const requestsEach = 20;
const singles = 40;
/** Clients that leave in the middle of their request's body, and in the middle of the response's. */
const uploads = 10;
const downloads = 10;
const clientsAtOnce = keepers + singles + uploads + downloads;
const requestsAHalf = wavesAHalf * (keepers * requestsEach + singles + uploads + downloads);
/** Long bodies go through pipes, each of two descriptors, which are kept: as many as went through at once. */
const pipesMax = downloads + uploads;
const growthBytesMax = 6 * 1024 * 1024;

const part = Buffer.alloc(64 * 1024, "x");

/** A server, and whom it tells that half of a request has arrived. */
interface Scene {
  readonly server: HttpServer;
  readonly halfway: Map<string, () => void>;
}

async function startScene(): Promise<Scene> {
  const halfway = new Map<string, () => void>();
  const server = await startHttpServer((asked, answer) => {
    const { url = "" } = asked;
    if (url.startsWith("/upload")) {
      // Of its body, too, something has come.
      asked.once("data", () => halfway.get(url)?.());
    } else if (url === "/download") {
      answer.writeHead(200, { "content-length": 100 * part.length });
      answer.write(part);
    } else {
      asked.resume();
      asked.once("end", () => answer.end("answer"));
    }
  });
  return { server, halfway };
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/** Bodies that are kept, to be sent again. */
const body = "x".repeat(32 * 1024);
const put = `PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

function connectTo(port: number): Socket {
  return createConnection({ host: "127.0.0.1", port, noDelay: true }).setEncoding("latin1");
}

/** So many requests, one after the other, each answered; then the end. */
function visit(port: number, requests: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(port);
    let answered = 0;
    let text = "";
    socket.on("data", (bytes: string) => {
      text += bytes;
      if (!text.endsWith("\r\n\r\nanswer") || !text.startsWith("HTTP/1.1 200 ")) return;
      text = "";
      answered++;
      if (answered === requests) socket.end();
      else socket.write(answered % 2 === 0 ? get : put);
    });
    socket.once("error", reject);
    socket.once("close", () => {
      if (answered === requests) resolve();
      else reject(new Error(`closed after ${answered} of ${requests}: ${text.slice(0, 500)}`));
    });
    socket.write(get);
  });
}

/** One that is given up when it has come half way. */
function giveUp(
  port: number,
  scene: Scene,
  what: "upload" | "download",
  id: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(port);
    const leave = (): void => {
      // One as the other: with FIN behind what has not been read it is a reset, too.
      if (id % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
      resolve();
    };
    socket.once("error", reject);
    if (what === "download") {
      socket.once("data", leave);
      socket.write("GET /download HTTP/1.1\r\nHost: a\r\n\r\n");
      return;
    }
    const target = `/upload/${id}`;
    scene.halfway.set(target, () => {
      scene.halfway.delete(target);
      leave();
    });
    socket.write(`PUT ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${2 * body.length}\r\n\r\n`);
    socket.write(body);
  });
}

/** Connections to it that are there now. */
function openAt({ connections }: HttpServer): number {
  return connections.filter(({ closed }) => !closed).length;
}

function descriptorsOf({ pid }: Ballast): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

it(`${2 * requestsAHalf} requests, some of them given up, leave no memory and no descriptor behind`, async () => {
  const scene = await startScene();
  const ballast = await startBallast(
    httpConfig(
      { server: scene.server.address },
      {
        global: { log: { access: "off" } },
        backend: { reuse: { mode: "always", maxIdle: clientsAtOnce, idleTimeout: "10m" } },
      },
    ),
  );
  const port = portOf(ballast.address);
  const most = descriptorsOf(ballast) + 2 * pipesMax;
  let ids = 0;
  const wave = async (): Promise<void> => {
    const clients: Promise<void>[] = [];
    for (let i = 0; i < keepers; i++) clients.push(visit(port, requestsEach));
    for (let i = 0; i < singles; i++) clients.push(visit(port, 1));
    for (let i = 0; i < uploads; i++) clients.push(giveUp(port, scene, "upload", ids++));
    for (let i = 0; i < downloads; i++) clients.push(giveUp(port, scene, "download", ids++));
    await Promise.all(clients);
  };
  /** Resident memory after as many requests more. */
  const churn = async (): Promise<number> => {
    for (let i = 0; i < wavesAHalf; i++) await wave();
    // What is left are the connections to the server that are kept.
    await until(
      "all descriptors to be given back",
      () => descriptorsOf(ballast) <= most + openAt(scene.server),
    );
    expect(openAt(scene.server)).toBeLessThanOrEqual(clientsAtOnce);
    return ballast.residentBytes;
  };
  const first = await churn();
  const second = await churn();
  expect(second - first).toBeLessThanOrEqual(growthBytesMax);
  // One that carried a request which was given up carries no other; each of the others goes on and on.
  expect(scene.server.requests.length).toBe(2 * requestsAHalf);
  expect(scene.server.connections.length).toBeLessThanOrEqual(clientsAtOnce + ids);
  for (const socket of scene.server.connections) socket.destroy();
  await until("the kept ones to be given back", () => descriptorsOf(ballast) <= most);
  expect(await ballast.stop()).toBe(0);
}, 60_000);
