import pino from "pino";
import { expect, test } from "vitest";
import type { Plan } from "../config/plan.ts";
import { followPlan, type Watcher } from "./watchers.ts";

const watcher = (apply: Watcher["apply"]): Watcher => ({ apply, close: () => {} });

test("a watcher that fails to follow a reload is told of and keeps no other from it", async () => {
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const followed: Plan[] = [];
  const plan = { source: "next" } as Plan;
  const watchers = [
    watcher(() => {
      throw new Error("thrown at once");
    }),
    watcher(() => Promise.reject(new Error("rejected later"))),
    watcher((next) => void followed.push(next)),
  ];
  await followPlan(watchers, plan, log);
  expect(followed).toEqual([plan]);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("thrown at once");
  expect(lines[1]).toContain("rejected later");
});
