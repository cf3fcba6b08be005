import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { isoTime, localTime, millisecondText, utcTime } from "./log-time.ts";

const zone = process.env["TZ"];

afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

describe("times of the log", () => {
  it("are those of Date at every millisecond, in any order", () => {
    const time = fc.oneof(fc.nat(5000), fc.nat(4_102_444_800_000));
    fc.assert(
      fc.property(fc.array(time), (times) => {
        expect(times.map(isoTime)).toEqual(times.map((ms) => new Date(ms).toISOString()));
        expect(times.map((ms) => Number(millisecondText(ms)))).toEqual(
          times.map((ms) => ms % 1000),
        );
      }),
    );
  });

  it("are padded", () => {
    const time = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
    expect(isoTime(time)).toBe("2026-01-02T03:04:05.006Z");
    expect(utcTime(time)).toBe("02/Jan/2026:03:04:05 +0000");
    expect(localTime(new Date(2026, 11, 2, 3, 4, 5, 60).getTime())).toBe(
      "02/Dec/2026:03:04:05.060",
    );
  });

  it("leave out what is finer than a millisecond", () => {
    expect(isoTime(Date.UTC(2026, 0, 1) + 999.9)).toBe("2026-01-01T00:00:00.999Z");
  });

  it("follow the zone of the machine where HAProxy's do, and only there", () => {
    process.env["TZ"] = "Asia/Kolkata";
    const time = Date.UTC(2026, 10, 20, 22, 40, 35, 123);
    expect(localTime(time)).toBe("21/Nov/2026:04:10:35.123");
    expect(utcTime(time)).toBe("20/Nov/2026:22:40:35 +0000");
    expect(isoTime(time)).toBe("2026-11-20T22:40:35.123Z");
  });
});
