// `ballast demo`: what somebody sees who has just installed it.
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { ask } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { startCommand } from "../support/command.ts";
import { until } from "../support/until.ts";

async function get(address: string): Promise<string> {
  const answer = await ask(address, "GET /x HTTP/1.1\r\nhost: demo\r\nconnection: close\r\n\r\n");
  return /hello from (\w+): GET \/x\n/.exec(answer)?.[1] ?? answer;
}

/** Somebody has the port that the demo likes best, whoever it is. */
function occupyPreferredPort(): Promise<void> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve());
    server.listen(8080, "127.0.0.1", () => resolve());
    atTestEnd(() => {
      server.close();
    });
  });
}

test.each([
  ["SIGINT", false],
  ["SIGTERM", true],
] as const)(
  "it answers with three names in turn and ends on %s (port 8080 taken: %j)",
  async (signal, taken) => {
    if (taken) await occupyPreferredPort();
    const demo = startCommand(["demo"]);
    const url = await until("the line to try", () =>
      demo.outLines.map((line) => /^ {4}curl http:\/\/(.+)\/$/.exec(line)?.[1]).find(Boolean),
    );
    expect(taken && url.endsWith(":8080")).toBe(false);
    const names: string[] = [];
    for (let i = 0; i < 6; i++) names.push(await get(url));
    expect(names).toEqual(["red", "green", "blue", "red", "green", "blue"]);
    await until(
      "a log line for each",
      () => demo.outLines.filter((l) => l.startsWith("{")).length === 6,
    );
    demo.signal(signal);
    expect(await demo.untilExit()).toEqual({ code: 0, signal: null });
    expect(demo.errorLines).toEqual([]);
  },
);
