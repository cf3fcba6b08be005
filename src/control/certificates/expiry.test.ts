import pino from "pino";
import { expect, test } from "vitest";
import { atTestEnd } from "../../../test/support/leftovers.ts";
import type { CertificateMaterial } from "../../config/tls-plan.ts";
import { Expiry } from "./expiry.ts";

const dayMs = 86_400_000;
const startMs = Date.parse("2030-01-01T12:00:00Z");

function certificate(file: string, notAfterMs: number, names = ["a.example"]): CertificateMaterial {
  const none = new Uint8Array();
  const parts = {
    cert: none,
    key: none,
    passphrase: "",
    ocsp: null,
    ocspSource: null,
    keyType: "ecdsa",
  } as const;
  return { file, ...parts, names, notAfterMs };
}

/** What is told at a time; the clock begins at `startMs`. */
function scene(): {
  readonly expiry: Expiry;
  readonly after: (ms: number, act?: () => void) => string[];
} {
  let nowMs = startMs;
  const lines: string[] = [];
  const log = pino(
    { level: "debug", formatters: { level: (level) => ({ level }) } },
    {
      write: (line: string) => {
        const { level, msg } = JSON.parse(line) as { level: string; msg: string };
        lines.push(`${level} ${msg}`);
      },
    },
  );
  const expiry = new Expiry(log, () => nowMs);
  atTestEnd(() => expiry.close());
  const after = (ms: number, act = (): void => expiry.look()): string[] => {
    nowMs = startMs + ms;
    act();
    return lines.splice(0);
  };
  return { expiry, after };
}

test("a certificate is told of from two weeks before its end, once a day, and at its end", () => {
  const { expiry, after } = scene();
  const one = certificate("/a.pem", startMs + 15 * dayMs, ["a", "b", "c", "d", "e"]);
  expect(after(0, () => expiry.follow([one]))).toEqual([]);
  const what = "the certificate in /a.pem (a, b, c and 2 more)";
  const when = "2030-01-16 12:00:00 UTC";
  expect(after(dayMs)).toEqual([`warn ${what} expires in 14 days, on ${when}; renew it`]);
  expect(after(1.5 * dayMs)).toEqual([]);
  expect(after(2 * dayMs)).toEqual([`warn ${what} expires in 13 days, on ${when}; renew it`]);
  expect(after(13.5 * dayMs)[0]).toContain("expires in 1 day, on");
  expect(after(14.5 * dayMs)[0]).toContain("expires within a day, on");
  expect(after(15 * dayMs)).toEqual([]);
  expect(after(15 * dayMs + 1)).toEqual([
    `error ${what} has expired on ${when}: clients refuse it; renew it`,
  ]);
  expect(after(15.5 * dayMs)).toEqual([]);
  expect(after(16.5 * dayMs)[0]).toContain("has expired");
});

test("each file is told of once, however many have it and however often a plan comes", () => {
  const { expiry, after } = scene();
  const one = certificate("/a.pem", startMs + dayMs);
  const two = certificate("/b.pem", startMs + dayMs, []);
  const told = after(0, () => expiry.follow([one, two, one]));
  expect(told.map((line) => line.replace(/ expires.*/, ""))).toEqual([
    "warn the certificate in /a.pem (a.example)",
    "warn the certificate in /b.pem",
  ]);
  expect(after(1000, () => expiry.follow([two, one]))).toEqual([]);
  const renewed = certificate("/a.pem", startMs + 2 * dayMs);
  expect(after(2000, () => expiry.follow([renewed]))).toHaveLength(1);
  expect(after(3000, () => expiry.follow([]))).toEqual([]);
  expect(after(3 * dayMs)).toEqual([]);
});
