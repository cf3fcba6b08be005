// Descriptors belong to the process: a worker that needs one and has nothing idle asks the others.
import { expect, it } from "vitest";
import { createScoreboard, openScoreboard } from "../../scoreboard/scoreboard.ts";
import type { Server } from "../dispatch/backend.ts";
import { Pools } from "./pools.ts";

const memory = createScoreboard({ workers: 2, servers: 2, backends: 1, frontends: 1 });
const peers = [0, 1].map((worker) => ({ kind: "channel" as const, name: `pools ${worker}` }));

function poolsOf(worker: number): Pools {
  const timer = { armed: false, dueMs: Infinity, arm() {}, cancel() {} };
  const reactor = { nowMs: 0, timer: () => timer };
  return new Pools({ board: openScoreboard(memory, worker), peers, reactor } as never);
}

/** An idle connection to the server of that row; `closed` gets its name when it is given up. */
function idle(pools: Pools, row: number, name: string, closed: string[]): void {
  const reuse = { idleMax: 10, requestsMax: 0, ageMaxMs: 0, idleTimeoutMs: 0 };
  const connection = {
    server: { row, reuse, sendProxy: 0 } as Partial<Server>,
    connection: { ended: false },
    close: () => closed.push(name),
  };
  pools.put(connection as never);
}

it("closes its own oldest ones first, and asks the others when it has none", () => {
  const [one, other] = [poolsOf(0), poolsOf(1)];
  const closed: string[] = [];
  for (const name of ["a", "b"]) idle(one, 0, name, closed);
  for (const name of ["c", "d"]) idle(other, 1, name, closed);
  one.shed();
  other.hear();
  expect(closed).toEqual(["a"]);
  one.shed();
  other.hear();
  expect(closed).toEqual(["a", "b"]);
  one.shed();
  one.hear();
  expect(closed).toEqual(["a", "b"]);
  other.hear();
  expect(closed.toSorted()).toEqual(["a", "b", "c", "d"]);
  // Heard once, it is over.
  idle(other, 1, "e", closed);
  other.hear();
  expect(closed).toHaveLength(4);
  expect(other.count).toBe(1);
});
