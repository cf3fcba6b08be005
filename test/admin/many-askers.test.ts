// More askers than may wait for a listing of sessions: who finds no place is told so at once.
import { expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { says, startServer } from "../support/servers.ts";
import { stopProcess } from "../support/stopped.ts";
import { tcpConfig } from "../support/tcp-config.ts";

const askers = 100;
const question = "GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

test.runIf(process.platform === "linux")(
  "too many at once are refused, and the others answered",
  async () => {
    const servers = { s1: await startServer(says("s1")) };
    const ballast = await startBallast(
      tcpConfig(servers, { global: { admin: { bind: "127.0.0.1:0" } } }),
    );
    const ready = await ballast.untilMessage(({ message }) => message.startsWith("ready: "));
    // All questions are there when it looks: else the first might be answered before the last comes.
    await stopProcess(ballast);
    const clients = await Promise.all(
      Array.from({ length: askers }, () => connectClient(ready["admin"] as string)),
    );
    for (const client of clients) client.write(question);
    ballast.signal("SIGCONT");
    const answers = await Promise.all(clients.map((client) => client.untilEnd()));
    const texts = answers.map((answer) => answer.toString("latin1"));
    const statuses = new Set(texts.map((text) => text.slice("HTTP/1.1 ".length, 12)));
    expect(statuses).toEqual(new Set(["200", "503"]));
    const refused = texts.find((text) => text.startsWith("HTTP/1.1 503"));
    expect(refused?.toLowerCase()).toContain("\r\nretry-after: 1\r\n");
    expect(refused).toContain("too many listings of sessions at once; ask again in a moment");
  },
);
