// The reactors' conformance suite on connections that speak TLS, over each reactor, with Node's TLS at
// the other end.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect } from "vitest";
import { Authority } from "../../test/support/authority.ts";
import { backpressureTests } from "../reactor/conformance/backpressure.conformance.ts";
import { endingTests } from "../reactor/conformance/endings.conformance.ts";
import { forwardAttackTests } from "../reactor/conformance/forward-attacks.conformance.ts";
import { forwardLimitTests } from "../reactor/conformance/forward-limits.conformance.ts";
import { type Harness, SocketHarness } from "../reactor/conformance/harness.conformance.ts";
import { idleTests } from "../reactor/conformance/idle.conformance.ts";
import { takeCallbacksInside } from "../reactor/conformance/recorder.conformance.ts";
import { smallWriteTests } from "../reactor/conformance/small-writes.conformance.ts";
import { streamTests } from "../reactor/conformance/streams.conformance.ts";
import { writingTests } from "../reactor/conformance/writing.conformance.ts";
import { EpollReactor } from "../reactor/epoll/epoll-reactor.ts";
import { NodeReactor } from "../reactor/node/node-reactor.ts";
import type { Reactor, ReactorHandler } from "../reactor/reactor.ts";
import { ClientContext } from "./client-context.ts";
import {
  bindMaterial,
  materialOf,
  plainBindTls,
  plainServerTls,
  serverMaterial,
} from "./conformance/plans.conformance.ts";
import { SecuredReactor } from "./conformance/secured-reactor.conformance.ts";
import { TlsPeers } from "./conformance/tls-peers.conformance.ts";
import { ServerContexts } from "./server-contexts.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
const authority = Authority.create(join(folder, "ca"));
const names = ["localhost", "127.0.0.1"];
const issued = authority.issue({ names });
const files = {
  cert: readFileSync(issued.cert),
  key: readFileSync(issued.key),
  ca: readFileSync(authority.certFile),
};

afterAll(() => rmSync(folder, { recursive: true }));

const suites: readonly (readonly [string, (use: () => Harness) => void])[] = [
  ["streams", streamTests],
  ["backpressure", backpressureTests],
  ["limits of forward()", forwardLimitTests],
  ["forward() at its worst moments", forwardAttackTests],
  ["writing", writingTests],
  ["small writes", smallWriteTests],
  ["idle connections", idleTests],
  ["endings", endingTests],
];

function tlsConformance<R extends Reactor>(
  name: string,
  open: (handler: ReactorHandler) => R,
  turn: (reactor: R) => void,
): void {
  describe(`TLS on the ${name} reactor`, () => {
    let harness: Harness | null = null;
    const use = (): Harness => harness as Harness;

    beforeEach(() => {
      harness = new SocketHarness({
        open: (handler) => {
          const reactor = new SecuredReactor(open(handler));
          const material = bindMaterial(materialOf(issued, names));
          const id = Buffer.from("test");
          reactor.contexts = new ServerContexts(
            plainBindTls,
            material,
            id,
            null,
            reactor.layer.calls,
          );
          reactor.layer.calls.tickets.replace([Buffer.alloc(80, 7)]);
          const ca = serverMaterial(authority.certFile);
          reactor.client = new ClientContext(plainServerTls, ca, "localhost");
          return reactor;
        },
        turn: (reactor) => turn(reactor.inner),
        peers: () => new TlsPeers(files),
        capabilities: {
          leavesBacklog: null,
          failsWhilePaused: null,
          keepsDescriptor: null,
          sharesPorts: null,
          reportsExhaustion: null,
        },
        // Type, version, length, kind of content and tag (RFC 8446 section 5.2).
        addedBytes: 5 + 1 + 16,
        exhaustDescriptors: null,
        foreignDescriptor: null,
      });
    });

    afterEach(async () => {
      const { layer, contexts, client } = use().reactor as SecuredReactor<R>;
      await use().close();
      expect(takeCallbacksInside(), "callbacks from inside a call").toEqual([]);
      contexts?.drop();
      client?.drop();
      expect(layer.sessions, "SSL objects").toBe(0);
    });

    describe.each(suites)("%s", (_, tests) => {
      tests(use);
    });
  });
}

describe.runIf(process.platform === "linux")("on Linux", () => {
  tlsConformance(
    "epoll",
    (handler) => new EpollReactor(handler, { owners: new Uint8Array(0), owner: 0, spare: 64 }),
    (reactor) => reactor.turn(0),
  );
});

tlsConformance(
  "node",
  (handler) => new NodeReactor(handler),
  () => {},
);
