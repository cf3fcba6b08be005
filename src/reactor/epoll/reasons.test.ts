// The whole table from errno to Reason: sessions end, retry or wait by it.
import { describe, expect, it } from "vitest";
import * as C from "../../sys/constants.ts";
import { errnoName } from "../../sys/errno.ts";
import { Reason, reasonNames } from "../reactor.ts";
import { reasonOf } from "./reasons.ts";

const table: readonly (readonly [keyof typeof Reason, readonly number[]])[] = [
  ["reset", [C.ECONNRESET, C.EPIPE, C.ECONNABORTED]],
  ["refused", [C.ECONNREFUSED, C.ENOENT]],
  ["unreachable", [C.ENETUNREACH, C.EHOSTUNREACH, C.ENETDOWN, C.EHOSTDOWN, C.EACCES, C.EPERM]],
  // The kernel gave up on a connect, on unacknowledged data or on keepalive probes.
  ["timedOut", [C.ETIMEDOUT]],
  ["exhausted", [C.EMFILE, C.ENFILE, C.ENOBUFS, C.ENOMEM]],
  ["addressInUse", [C.EADDRINUSE, C.EADDRNOTAVAIL]],
  ["other", [C.EINVAL, C.EAGAIN, C.EINTR]],
];
const cases = table.flatMap(([reason, errnos]) =>
  errnos.map((errno) => [errnoName(errno), reason, errno] as const),
);

describe("reasonOf", () => {
  it.each(cases)("%s is %s", (_, reason, errno) => {
    expect(reasonOf(errno)).toBe(Reason[reason]);
  });

  it("an errno that nobody has heard of is something else", () => {
    expect(reasonOf(4095)).toBe(Reason.other);
    expect(reasonOf(0)).toBe(Reason.other);
  });

  it("every reason has its words", () => {
    for (const reason of Object.values(Reason)) expect(reasonNames[reason]).toMatch(/^[a-zA-Z ]+$/);
    expect(reasonNames).toHaveLength(Object.keys(Reason).length + 1);
  });
});
