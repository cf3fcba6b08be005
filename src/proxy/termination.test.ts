import { describe, expect, it } from "vitest";
import { Ended, Phase, terminationCode } from "./termination.ts";

describe("terminationCode", () => {
  it.each([
    [Ended.normal, Phase.done, "--"],
    [Ended.client, Phase.data, "CD"],
    [Ended.client, Phase.connect, "CC"],
    [Ended.client, Phase.queue, "CQ"],
    [Ended.server, Phase.connect, "SC"],
    [Ended.server, Phase.headers, "SH"],
    [Ended.proxy, Phase.request, "PR"],
    [Ended.local, Phase.request, "LR"],
    [Ended.resource, Phase.connect, "RC"],
    [Ended.internal, Phase.data, "ID"],
    [Ended.serverDown, Phase.data, "DD"],
    [Ended.killed, Phase.last, "KL"],
    [Ended.clientTimeout, Phase.data, "cD"],
    [Ended.clientTimeout, Phase.tarpit, "cT"],
    [Ended.serverTimeout, Phase.queue, "sQ"],
  ])("of %i and %i is %s", (ended, phase, code) => {
    expect(terminationCode(ended, phase)).toBe(code);
  });

  it("gives every pair its own two letters", () => {
    const all = Object.values(Ended).flatMap((ended) =>
      Object.values(Phase).map((phase) => terminationCode(ended, phase)),
    );
    expect(new Set(all).size).toBe(88);
    expect(all.every((code) => code.length === 2)).toBe(true);
  });

  it("reports numbers that nobody defined as our own error", () => {
    expect(terminationCode(99, 0)).toBe("I-");
    expect(terminationCode(-1, 0)).toBe("I-");
    expect(terminationCode(0.5, 0.5)).toBe("I-");
  });
});
