// The conformance suite on the epoll reactor.
import { openSync, closeSync } from "node:fs";
import { describe } from "vitest";
import { close } from "../../sys/libc.ts";
import { localAddress, openListener } from "../../sys/stream-socket.ts";
import { type ForeignDescriptor, SocketHarness } from "../conformance/harness.conformance.ts";
import { NodePeers } from "../conformance/node-peers.conformance.ts";
import { reactorConformance } from "../reactor.conformance.ts";
import { EpollReactor } from "./epoll-reactor.ts";

function foreignDescriptor(): ForeignDescriptor {
  const address = { family: "ipv4", host: "127.0.0.1", port: 0 } as const;
  const descriptor = openListener(address, 16, false);
  const local = localAddress(descriptor);
  const port = local?.family === "ipv4" ? local.port : 0;
  return { descriptor, port, close: () => close(descriptor) };
}

/** Takes all descriptors there are. The limit is the process's, so nothing else can open one. */
function exhaustDescriptors(): { release(): void } {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync("/dev/null", "r"));
    } catch {
      return { release: () => taken.forEach((descriptor) => closeSync(descriptor)) };
    }
  }
}

describe.runIf(process.platform === "linux")("on Linux", () => {
  reactorConformance(
    "epoll",
    () =>
      new SocketHarness({
        open: (handler) =>
          new EpollReactor(handler, { owners: new Uint8Array(0), owner: 0, spare: 64 }),
        turn: (reactor) => reactor.turn(0),
        peers: () => new NodePeers(),
        capabilities: {
          leavesBacklog: null,
          failsWhilePaused: null,
          keepsDescriptor: null,
          sharesPorts: "only the control plane opens shared ports; it hands descriptors in",
          reportsExhaustion: null,
        },
        exhaustDescriptors,
        foreignDescriptor,
      }),
  );
});
