// A process that the kernel did not run for a while (SIGSTOP, a suspended machine): what arrived
// meanwhile is heard before time limits count, and many listeners are caught up with fairly.
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { echoes, says, startServer } from "../support/servers.ts";
import { stopProcess } from "../support/stopped.ts";
import { tcpConfig } from "../support/tcp-config.ts";

const linux = process.platform === "linux";

test.runIf(linux)("sessions that have spoken meanwhile are served, not found silent", async () => {
  const server = await startServer(echoes);
  const timeout = { client: "10s", server: "10s", tunnel: "10s" };
  const config = tcpConfig({ server });
  const ballast = await startBallast({ ...config, defaults: { timeout } });
  // More than a reactor hears of in one turn.
  const clients = await Promise.all(
    Array.from({ length: 700 }, () => connectClient(ballast.address)),
  );
  // Twice: to open so many takes long, and none of them shall be silent for long before the stop.
  for (const said of ["a", "b"]) {
    for (const client of clients) client.write(said);
    await Promise.all(clients.map((client) => client.untilText(said)));
  }
  await stopProcess(ballast);
  try {
    for (const client of clients) client.write("c");
    // Longer than every limit.
    await delay(10_500);
  } finally {
    ballast.signal("SIGCONT");
  }
  const answers = await Promise.all(clients.map((client) => client.untilText("abc")));
  expect(new Set(answers)).toEqual(new Set(["abc"]));
});

test.runIf(linux)(
  "a flood at one listener is no exhaustion, and does not shut the other out",
  async () => {
    const servers = { server: await startServer(says("hi")) };
    const other = { mode: "tcp", bind: "127.0.0.1:0", backend: "back" };
    // The one server's backlog overflows as well, and then the kernel tries again for seconds.
    const timeout = { connect: "60s", client: "60s", server: "60s", clientFin: "60s" };
    const ballast = await startBallast({
      ...tcpConfig(servers, { frontends: { other } }),
      defaults: { timeout },
    });
    const [flooded = "", quiet = ""] = ballast.addresses;
    await stopProcess(ballast);
    const count = 2000;
    const crowd = await Promise.all(Array.from({ length: count }, () => connectClient(flooded)));
    const one = await connectClient(quiet);
    ballast.signal("SIGCONT");
    for (const client of [...crowd, one]) client.end();
    await Promise.all([...crowd, one].map((client) => client.untilEnd()));
    const lines = await ballast.untilLoggedTimes(count + 1);
    const place = lines.findIndex(({ frontend }) => frontend === "other");
    expect(place).toBeGreaterThanOrEqual(0);
    expect(place).toBeLessThan(count / 2);
    expect(ballast.messages.filter(({ message }) => message.includes("cannot accept"))).toEqual([]);
  },
);
