// Failures in a row, counted by sessions that overlap. Real ones are in test/outlier.
import { describe, expect, test } from "vitest";
import { serverField } from "../../scoreboard/fields.ts";
import { createScoreboard, openScoreboard } from "../../scoreboard/scoreboard.ts";
import type { Server } from "./backend.ts";
import { connectSucceeded, connectUnsuccessful, observeConnect, sessionBroken } from "./outcome.ts";
import type { Dispatch } from "./dispatch.ts";

const server = { row: 0 } as Server;

function scene(limit: number): {
  session: (connectMs?: number) => Dispatch;
  read: (name: "errors" | "trips" | "latencyUs") => number;
} {
  const memory = createScoreboard({ workers: 1, servers: 1, backends: 1, frontends: 1 });
  const board = openScoreboard(memory, 0);
  const session = (connectMs = 1): Dispatch =>
    ({
      plane: { board, clockMs: 5000, reactor: { nowMs: 1000 } },
      backend: { consecutiveErrors: limit },
      attemptStartMs: 1000 - connectMs,
      errorsTaken: 0,
    }) as unknown as Dispatch;
  return { session, read: (name) => board.servers.load(0, serverField[name]) };
}

describe("failures in a row", () => {
  test("a connect that succeeds ends them", () => {
    const { session, read } = scene(5);
    for (let i = 0; i < 4; i++) connectUnsuccessful(session(), server);
    connectSucceeded(session(), server);
    expect(read("errors")).toBe(0);
    connectUnsuccessful(session(), server);
    expect([read("errors"), read("trips")]).toEqual([1, 0]);
  });

  test("unless that session is broken before it has got a byte", () => {
    const { session, read } = scene(5);
    for (let i = 1; i <= 5; i++) {
      const one = session();
      connectSucceeded(one, server);
      sessionBroken(one, server);
      expect([read("errors"), read("trips")]).toEqual([i, i < 5 ? 0 : 1]);
    }
  });

  test("sessions that overlap give back each failure once", () => {
    const { session, read } = scene(100);
    for (let i = 0; i < 3; i++) connectUnsuccessful(session(), server);
    const sessions = [session(), session(), session()];
    for (const one of sessions) connectSucceeded(one, server);
    for (const one of sessions) sessionBroken(one, server);
    expect(read("errors")).toBe(6);
  });

  test("trip at each multiple of the limit, however many come at once", () => {
    const { session, read } = scene(4);
    const trips = Array.from({ length: 9 }, () => {
      connectUnsuccessful(session(), server);
      return read("trips");
    });
    expect(trips).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2]);
    const one = session();
    connectSucceeded(one, server);
    sessionBroken(one, server);
    expect([read("errors"), read("trips")]).toEqual([10, 3]);
  });

  test("are counted and never trip without outlier detection", () => {
    const { session, read } = scene(0);
    for (let i = 0; i < 50; i++) connectUnsuccessful(session(), server);
    expect([read("errors"), read("trips")]).toEqual([50, 0]);
  });
});

test("the time of a connect feeds the server's latency, in microseconds", () => {
  const { session, read } = scene(0);
  observeConnect(session(2.5), server);
  expect(read("latencyUs")).toBe(2500);
});
