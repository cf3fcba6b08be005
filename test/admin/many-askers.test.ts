// More questions than may wait for a listing of sessions: who finds no place is told so at once.
import { expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";

/** More than the 16 places; each needs an answer of the worker. */
const questions = 40;

function question(connection: string): string {
  return `GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\n\r\n`;
}

test("too many at once are refused, and the others answered", async () => {
  const servers = { s1: await startServer(says("s1")) };
  const ballast = await startBallast(
    tcpConfig(servers, { global: { admin: { bind: "127.0.0.1:0" } } }),
  );
  const ready = await ballast.untilMessage(({ message }) => message.startsWith("ready: "));
  // Pipelined in one segment, they are all read in one turn: no worker can have answered the first
  // before the last is asked, however slow the machine.
  const client = await connectClient(ready["admin"] as string);
  client.write(question("keep-alive").repeat(questions - 1) + question("close"));
  const text = (await client.untilEnd()).toString("latin1");
  const answers = text.split(/(?=HTTP\/1\.1 \d{3} )/);
  expect(answers).toHaveLength(questions);
  const answered = answers.filter((answer) => answer.startsWith("HTTP/1.1 200"));
  const refused = answers.filter((answer) => answer.startsWith("HTTP/1.1 503"));
  expect([answered.length, refused.length]).toEqual([16, questions - 16]);
  expect(refused[0]?.toLowerCase()).toContain("\r\nretry-after: 1\r\n");
  expect(refused[0]).toContain("too many listings of sessions at once; ask again in a moment");
});
