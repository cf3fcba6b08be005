// Rewrites that multiply what a client sends: a head that no longer fits where heads are composed is
// never cut short, and whoever waits for it is told.
import { expect, test } from "vitest";
import { Asker, startHttp } from "../support/http-ballast.ts";
import { response, startScripted } from "../support/scripted.ts";

/** The path, 20 times in 2 fields: 80 KB of 2 KB. */
const multiplied = {
  headers: { set: { "x-one": "{path}".repeat(10), "x-two": "{path}".repeat(10) } },
};
const longPath = `/${"p".repeat(4000)}`;
const upgrade = ["Connection: Upgrade", "Upgrade: websocket"];

test("a request that rewrites make too long is answered 431, a response 502, an upgrade too", async () => {
  const server = await startScripted(({ head }, peer) => {
    if (/^upgrade:/im.test(head))
      peer.end(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      );
    else peer.write(response("fine"));
  });
  const servers = { one: server.address };
  const ballast = await startHttp({
    asking: { servers, frontend: { request: multiplied } },
    answering: { servers, frontend: { response: multiplied } },
  });
  const statusOf = async (name: string, path: string, fields: string[] = []): Promise<number> => {
    const client = await Asker.connect(ballast.at(name));
    client.send(path, { fields });
    const { status } = await client.next();
    client.peer.end();
    return status;
  };
  expect(await statusOf("asking", "/short")).toBe(200);
  expect(await statusOf("answering", "/short")).toBe(200);
  expect(await statusOf("answering", "/short", upgrade)).toBe(101);
  const asked = server.asked.length;
  expect(await statusOf("asking", longPath)).toBe(431);
  expect(server.asked).toHaveLength(asked);
  expect(await statusOf("answering", longPath)).toBe(502);
  expect(await statusOf("answering", longPath, upgrade)).toBe(502);
  await ballast.untilIdle();
});
