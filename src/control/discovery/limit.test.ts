import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { within } from "./limit.ts";

const limitMs = 20;

test("gives up what nobody answers, in a sentence", async () => {
  const never = new Promise<never>(() => {});
  await expect(within(never, limitMs)).rejects.toThrow("no answer within 0.02 s");
});

test("an answer that came in time counts, though this thread was busy until after the limit", async () => {
  const [asker, server] = [createSocket("udp4"), createSocket("udp4")];
  asker.bind(0, "127.0.0.1");
  await once(asker, "listening");
  const answer = once(asker, "message").then(([bytes]) => String(bytes));
  const { address, port } = asker.address();
  // Its callback comes when the kernel has the datagram, which on loopback has then arrived.
  await new Promise((resolve) => server.send("here", port, address, resolve));
  const asked = within(answer, limitMs);
  const busyUntilMs = performance.now() + 2 * limitMs;
  while (performance.now() < busyUntilMs);
  await expect(asked).resolves.toBe("here");
  asker.close();
  server.close();
});
