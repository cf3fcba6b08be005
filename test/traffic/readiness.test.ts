// What the ready line promises: that every address in it is a real one and takes connections.
import { expect, it } from "vitest";
import { launchBallast } from "../support/ballast.ts";
import { ask, portOf } from "../support/clients.ts";
import { reactors, tcpConfig } from "../support/tcp-config.ts";
import { freePort, startNamedServers } from "../support/servers.ts";

it.each(reactors)(
  "on the %s reactor port 0 is told as the port that it became",
  async (reactor) => {
    const servers = await startNamedServers(1);
    const ballast = launchBallast(tcpConfig(servers, { global: { reactor } }));
    const ready = await ballast.untilMessage(({ message }) => message.startsWith("ready: "));
    const [address = ""] = ready["addresses"] as string[];
    expect(portOf(address)).toBeGreaterThan(0);
    expect(await ask(address)).toBe("s1");
  },
);

it.each(reactors)("on the %s reactor it takes connections once it says so", async (reactor) => {
  const servers = await startNamedServers(1);
  const address = `127.0.0.1:${await freePort()}`;
  const config = tcpConfig(servers, { global: { reactor }, frontend: { bind: address } });
  const ballast = launchBallast(config);
  await ballast.untilMessage(({ message }) => message.startsWith("ready: "));
  expect(await ask(address)).toBe("s1");
});
