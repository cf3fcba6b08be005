// Random texts: none may make the loader throw, and what it answers is always sound.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LoadResult, parseConfig } from "./load.ts";

const machine = { cpus: 6, ipv6: true };

const wellFormed = `
global:
  admin: { bind: 127.0.0.1:9400, token: x }
  resolve: { nameservers: [192.0.2.53], interval: 5s }
frontends:
  edge: { mode: tcp, bind: "127.0.0.1:80", backend: web }
backends:
  web:
    balance: { hash: source, method: maglev, boundedLoad: 1.25 }
    check: { interval: 1s, http: { path: /x, status: [200, 300-399], body: ~ok, headers: { a: 1 } } }
    outlier: { errorRate: 50%, latencyFactor: 3 }
    stick: { on: sni, expire: 1m, size: 1k }
    failover: [other]
    slowstart: { window: 30s, minWeight: 5% }
    servers:
      web1: { address: 127.0.0.1:8001, maxconn: 5, check: { tcp: [{ send: x }, { expectRegex: y }] } }
  other:
    check: { exec: { command: [true] }, port: 80 }
    servers: { s: { address: ":1", check: off, backup: true }, t: ":2" }
`;

/** A plan exactly when there is no error, and every problem at a place. */
function isSound({ plan, problems }: LoadResult): boolean {
  const valid = problems.every(({ severity }) => severity === "warning");
  return (plan !== null) === valid && problems.every(({ line, column }) => line > 0 && column > 0);
}

test("the file that is mutated below is valid", () => {
  expect(parseConfig(wellFormed, "f", {}, machine).problems).toEqual([]);
});

describe("no text makes parseConfig throw", () => {
  test("random characters", () => {
    const character = fc.constantFrom(...":-?{}[],&*!|>'\"%@` \n\r\t\0#abc019$~<.é".split(""));
    const noise = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(character, { maxLength: 60 }).map((characters) => characters.join("")),
    );
    fc.assert(
      fc.property(noise, (text) => {
        expect(isSound(parseConfig(text, "f", {}, machine))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("a valid file with any of its parts replaced", () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.stringify(json)),
      fc.constantFrom("", "~", "*a", "&a b", "!!int x", "${X}", "<<", "__proto__", "- a", "off"),
    );
    const mutation = fc.tuple(fc.nat(wellFormed.length), fc.nat(30), value);
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 3 }), (mutations) => {
        let text = wellFormed;
        for (const [at, length, replacement] of mutations) {
          text = text.slice(0, at) + replacement + text.slice(at + length);
        }
        expect(isSound(parseConfig(text, "f", {}, machine))).toBe(true);
      }),
      { numRuns: 800 },
    );
  });

  test("any structure under the known keys", () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const known = ["bind", "backend", "mode", "timeout", "servers", "balance", "check", "failover"];
    const keys = fc.constantFrom(...known, "outlier", "stick", "slowstart", "x");
    const part = fc.dictionary(fc.string({ maxLength: 3 }), fc.dictionary(keys, json));
    const whole = fc.record({ frontends: part, backends: part, defaults: json, global: json });
    fc.assert(
      fc.property(whole, (config) => {
        expect(isSound(parseConfig(JSON.stringify(config), "f", {}, machine))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
