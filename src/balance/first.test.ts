import { describe, expect, it } from "vitest";
import { serverField } from "../scoreboard/fields.ts";
import { first } from "./first.ts";
import { policyConformance, request, stage } from "./policy.conformance.ts";
import { seededRandom } from "./random.ts";
import { Selection } from "./selection.ts";

policyConformance("first", () => first, null);

describe("first", () => {
  it("takes the first in order, whatever the weights", () => {
    const on = stage(first, [1, 9, 256]);
    expect([1, 2, 3].map(() => on.pickers[0]?.pick(request()))).toEqual([0, 0, 0]);
    expect(on.pickers[0]?.pick(request([0], 3))).toBe(1);
  });

  it("fills one server to its maxconn before the next gets any, and comes back", () => {
    const on = stage(first, [1, 1, 1]);
    const board = on.workers[0] as (typeof on.workers)[number];
    const servers = Array.from(on.candidates.rows, (row, i) => ({
      name: `server${i}`,
      row,
      backup: false,
      maxconn: 2,
    }));
    const plan = {
      policy: "first",
      options: { boundedLoad: 0 },
      row: on.backend,
      servers,
      allBackups: false,
      panicThreshold: 0,
      table: null,
    };
    const selection = new Selection(plan, board, seededRandom(1));
    const begin = (): number => {
      const server = selection.pick(request());
      if (server !== -1) {
        board.servers.gaugeAdd(on.candidates.rows[server] as number, serverField.active, 1);
      }
      return server;
    };
    expect(Array.from({ length: 7 }, begin)).toEqual([0, 0, 1, 1, 2, 2, -1]);
    expect(selection.passedFull).toBe(true);
    board.servers.gaugeAdd(on.candidates.rows[0] as number, serverField.active, -1);
    expect(begin()).toBe(0);
  });
});
