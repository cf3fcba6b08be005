// The conformance suite on the node reactor.
import * as net from "node:net";
import type { ForeignDescriptor } from "../conformance/harness.conformance.ts";
import { SocketHarness } from "../conformance/harness.conformance.ts";
import { NodePeers } from "../conformance/node-peers.conformance.ts";
import { reactorConformance } from "../reactor.conformance.ts";
import { NodeReactor } from "./node-reactor.ts";

/** The one way that Node has to bind a socket without polling it; it is not in the types. */
const { _createServerHandle: createServerHandle } = net as unknown as {
  _createServerHandle(this: void, host: string, port: number, family: 4): BoundHandle;
};

interface BoundHandle {
  readonly fd: number;
  getsockname(info: object): number;
}

function foreignDescriptor(): ForeignDescriptor {
  const handle = createServerHandle("127.0.0.1", 0, 4);
  const info = { port: 0 };
  handle.getsockname(info);
  // The listener closes it (see keepsDescriptor), so there is nothing left to close.
  return { descriptor: handle.fd, port: info.port, close: () => {} };
}

reactorConformance(
  "node",
  () =>
    new SocketHarness({
      open: (handler) => new NodeReactor(handler),
      turn: () => {},
      peers: () => new NodePeers(),
      capabilities: {
        leavesBacklog: "node:net accepts whatever comes; it is held instead",
        failsWhilePaused: "libuv does not watch a socket that neither reads nor writes",
        keepsDescriptor: "libuv closes the descriptors that it is given",
        sharesPorts: "node:net has no SO_REUSEPORT before Node 23",
        reportsExhaustion: "libuv closes connections that it has no descriptor for, untold",
      },
      exhaustDescriptors: null,
      foreignDescriptor,
    }),
);
