// Checks as an operator meets them: written in the file, told in the log.
import { expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { ask } from "../support/clients.ts";
import { reload } from "../support/reloading.ts";
import { says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";

it("servers go down and come back with a reason, and sessions follow", async () => {
  const servers = { s1: await startServer(says("s1")), s2: await startServer(says("s2")) };
  let status = 503;
  const checked = await startServer((peer) => {
    peer.socket.once("data", () => peer.end(`HTTP/1.1 ${status} X\r\n\r\n`));
  });
  const port = Number(checked.address.split(":")[1]);
  const s1 = {
    address: servers.s1.address,
    check: { http: { path: "/ok" }, port, interval: "20ms", timeout: "5s", fall: 2, rise: 2 },
  };
  const config = tcpConfig({ s1, s2: servers.s2 });
  const ballast = await startBallast(config);
  const fell = await ballast.untilMessage(({ message }) => message.includes("s1 is down"));
  expect(fell.level).toBe("warn");
  expect(fell.message).toMatch(
    /^server back\/s1 is down: http check: status 503 in \d+ ms \(1 of 1 failed\); 1 active and 0 backup server\(s\) left, 0 session\(s\) on it$/,
  );
  for (let i = 0; i < 4; i++) expect(await ask(ballast.address)).toBe("s2");
  expect(checked.peers[0]?.text).toContain("GET /ok HTTP/1.1\r\n");

  // The check is not touched by a reload that is about something else.
  await reload(ballast, tcpConfig({ s1, s2: { address: servers.s2.address, weight: 3 } }));
  expect(await ask(ballast.address)).toBe("s2");

  status = 200;
  const rose = await ballast.untilMessage(({ message }) => message.includes("s1 is up"));
  expect(rose.message).toMatch(/http check: status 200 in \d+ ms \(2 of 2 passed\); 2 active/);
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(ballast.address)));
  expect(answers.filter((name) => name === "s1")).toHaveLength(2);
});
