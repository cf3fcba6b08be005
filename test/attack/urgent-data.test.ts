// Urgent data (MSG_OOB) in the middle of a long transfer: splice(2) stops at its mark, and would
// take it for the peer's end once that has ended. Node cannot send it; a system call can.
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import * as libc from "../../dist/sys/libc.js";
import { Memory } from "../../dist/sys/memory.js";
import { startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { payload, sha256 } from "../support/payload.ts";
import type { Peer } from "../support/peer.ts";
import { answersDigest, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const urgent = 0x1;

/** One urgent byte behind all that was written. */
async function sendUrgent({ socket }: Peer, byte: Memory): Promise<void> {
  await until("the kernel to have taken all", () => socket.writableLength === 0);
  // oxlint-disable-next-line no-underscore-dangle -- the only way to a socket's descriptor
  const { fd } = (socket as Socket & { _handle: { fd: number } })._handle;
  await until("room for it", () => libc.send(fd, byte.address, 1, urgent) === 1);
}

test.runIf(process.platform === "linux").each([0, 1, 70_000, 1_000_000])(
  "%i bytes behind an urgent one arrive, after a long transfer and before FIN",
  async (behind) => {
    const server = await startServer(answersDigest);
    const ballast = await startBallast(tcpConfig({ server }));
    const byte = new Memory(1);
    for (const before of [0, 1, 65_536, 3_000_000]) {
      const client = await connectClient(ballast.address);
      const [head, tail] = [payload(before, 1), payload(behind, 2)];
      if (before > 0) client.write(head);
      await sendUrgent(client, byte);
      client.end(tail);
      // The urgent byte itself is no part of the stream.
      expect((await client.untilEnd()).toString()).toBe(sha256(Buffer.concat([head, tail])));
    }
  },
);
