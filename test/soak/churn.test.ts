// Sessions that come and go by the thousand: what one has used is there for the next, in memory
// and in descriptors.
import { createConnection } from "node:net";
import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { portOf } from "../support/clients.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { startEchoProgram } from "../support/server-programs.ts";
import { until } from "../support/until.ts";

const sessionsAHalf = 10_000;
const sessionsAtOnce = 200;
/** Measured: less than 0.1 MiB as it is, and 14 MiB when every session is kept. */
const growthBytesMax = 6 * 1024 * 1024;
const greeting = "echo\n";

/** A session: greeted, answered, and ended from both sides. */
function visit(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
    let answer = "";
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      answer += text;
    });
    socket.once("error", reject);
    socket.once("end", () => resolve(answer));
    socket.end("question");
  });
}

it(`${2 * sessionsAHalf} sessions, one after the other, leave no memory and no descriptor behind`, async () => {
  const server = await startEchoProgram("echo");
  const ballast = await startBallast(
    tcpConfig({ server: server.address }, { global: { workers: 1, log: { access: "off" } } }),
  );
  const port = portOf(ballast.address);
  const descriptors = (): number => readdirSync(`/proc/${ballast.pid}/fd`).length;
  const before = descriptors();
  /** Resident memory after as many sessions more. */
  const churn = async (): Promise<number> => {
    for (let done = 0; done < sessionsAHalf; done += sessionsAtOnce) {
      const visits = Array.from({ length: sessionsAtOnce }, () => visit(port));
      const answers = new Set(await Promise.all(visits));
      expect([...answers]).toEqual([`${greeting}question`]);
    }
    await until("all descriptors to be given back", () => descriptors() <= before);
    return ballast.residentBytes;
  };
  const first = await churn();
  const second = await churn();
  expect(second - first).toBeLessThanOrEqual(growthBytesMax);
  expect(await ballast.stop()).toBe(0);
}, 60_000);
