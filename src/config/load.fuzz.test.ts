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
  edge: { mode: tcp, bind: "127.0.0.1:80", routes: [{ match: { sni: "*.a", alpn: [b] }, backend: web }] }
backends:
  web:
    balance: { hash: source, method: maglev, boundedLoad: 1.25 }
    check: { interval: 1s, http: { path: /x, status: [200, 300-399], body: ~ok, headers: { a: 1 } } }
    outlier: { errorRate: 50%, latencyFactor: 3 }
    stick: { on: sni, expire: 1m, size: 1k }
    failover: [other]
    slowstart: { window: 30s, minWeight: 5% }
    tls: { minVersion: TLSv1.2, ciphers: "A:B", serverName: a.example }
    sendProxy: { version: v2, tlvs: [ssl] }
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

  test("any structure under the known keys of TLS", () => {
    const json = fc.jsonValue({ maxDepth: 2 });
    const word = fc.constantFrom("a.pem", "TLSv1.2", "TLSv1.3", "old", "http/1.1", "fetch", true);
    const keys = ["certificates", "profile", "minVersion", "maxVersion", "ciphers", "ciphersuites"];
    const more = ["curves", "alpn", "clientAuth", "ca", "cert", "key", "folder", "ocsp", "sni"];
    const value = fc.oneof(json, word, fc.array(word, { maxLength: 3 }));
    const inner = fc.dictionary(fc.constantFrom(...keys, ...more), value);
    const tls = fc.dictionary(fc.constantFrom(...keys, ...more), fc.oneof(value, inner));
    const config = fc.record({
      frontends: fc.record({
        e: fc.record({
          mode: fc.constantFrom("tcp", "http"),
          bind: fc.record({ address: fc.constant(":80"), tls: fc.oneof(tls, json) }),
          hsts: fc.oneof(json, fc.record({ preload: json, maxAge: json })),
          routes: fc.array(fc.record({ match: tls, redirect: fc.oneof(tls, json) })),
          backend: fc.constant("b"),
        }),
      }),
      backends: fc.record({
        b: fc.record({
          tls: fc.oneof(tls, json),
          sendProxy: fc.oneof(json, fc.record({ version: json, tlvs: json })),
          servers: fc.record({ s: fc.record({ address: fc.constant(":1"), tls, check: tls }) }),
        }),
      }),
    });
    fc.assert(
      fc.property(config, (values) => {
        expect(isSound(parseConfig(JSON.stringify(values), "f", {}, machine))).toBe(true);
      }),
      { numRuns: 60 },
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
