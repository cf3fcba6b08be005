// Outlier detection and names that resolve as an operator has them: from the file, by the command.
import { expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { ask, portOf } from "../support/clients.ts";
import { startNameServer } from "../support/name-server.ts";
import { refusingAddress } from "../support/refusing.ts";
import { says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

test("`outlier: true` ejects after five failures in a row, for 30 s", async () => {
  const servers = { s1: refusingAddress(), s2: await startServer(says("good")) };
  const ballast = await startBallast(tcpConfig(servers, { backend: { outlier: true } }));
  const told = (text: string): boolean =>
    ballast.messages.some(({ message }) => message.startsWith(text));
  await until("the ejection", async () => {
    expect(await ask(ballast.address)).toBe("good");
    return told("server back/s1 comes back in 30 s");
  });
  expect(told("server back/s1 is ejected: 5 failures in a row; 1 active")).toBe(true);
});

test("`resolve` says who is asked and how often", async () => {
  const one = await startServer(says("one"));
  const port = portOf(one.address);
  await startServer(says("two"), `127.0.0.2:${port}`);
  const names = await startNameServer();
  names.set("db.test", { addresses: ["127.0.0.1"], ttl: 3600 });
  const resolve = { nameservers: [names.address], interval: "100ms" };
  const config = tcpConfig({ s1: `db.test:${port}` }, { global: { resolve } });
  const ballast = await startBallast(config);
  expect(await ask(ballast.address)).toBe("one");
  names.set("db.test", { addresses: ["127.0.0.2"], ttl: 3600 });
  await until("the other server", async () => (await ask(ballast.address)) === "two");
});
