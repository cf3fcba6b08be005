// What is believed of OCSP responses that `openssl ocsp` has made.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Authority, type Issued } from "../../../../test/support/authority.ts";
import { judge, type Judgement } from "./judging.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-ocsp-"));
afterAll(() => rmSync(folder, { recursive: true }));

const root = Authority.create(join(folder, "ca"));
const issuer = root.intermediate("Issuer One");
const other = root.intermediate("Issuer Two");
const site = issuer.issue({ names: ["a.example"] });
const second = issuer.issue({ names: ["b.example"] });
const revoked = issuer.issue({ names: ["c.example"] });
issuer.crl([revoked]);

const dayMs = 86_400_000;
const chain = readFileSync(site.cert);
const good = bytes(issuer.ocspResponse(site));

function bytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(file));
}

function judged(response: Uint8Array, about: Issued = site, nowMs = Date.now()): Judgement {
  return judge(readFileSync(about.cert), response, nowMs);
}

/** Why it is not believed. */
function fault(response: Uint8Array, nowMs = Date.now()): string {
  const judgement = judge(chain, response, nowMs);
  if (judgement.kind !== "useless") throw new Error(`it is ${judgement.kind}`);
  return judgement.text;
}

test("good, from when to when", () => {
  const judgement = judged(good);
  if (judgement.kind !== "good") throw new Error(judgement.kind);
  expect(judgement.untilMs - judgement.fromMs).toBe(7 * dayMs);
  expect(Math.abs(judgement.fromMs - Date.now())).toBeLessThan(dayMs / 24);
});

test("revoked, with the reason; unknown", () => {
  const { kind, text } = judged(bytes(issuer.ocspResponse(revoked)), revoked) as never;
  expect([kind, text]).toEqual(["revoked", expect.stringMatching(/^20\S+ \S+ UTC/)]);
  const nobody = join(folder, "index.txt");
  writeFileSync(nobody, "");
  const unknown = issuer.ocspResponse(site, undefined, ["-index", nobody]);
  expect(judged(bytes(unknown))).toEqual({ kind: "unknown" });
});

test("either digest names a certificate", () => {
  expect(judged(bytes(issuer.ocspResponse(site, undefined, ["-sha256"]))).kind).toBe("good");
});

test("who may sign: the issuer, and whom it lets; nobody else", () => {
  const lets = issuer.issue({ commonName: "Responder", usage: "ocsp" });
  expect(judged(bytes(issuer.ocspResponse(site, lets))).kind).toBe("good");
  const server = issuer.ocspResponse(site, second);
  expect(fault(bytes(server))).toMatch(/^is not signed by the certificate's issuer: /);
  const elsewhere = other.issue({ commonName: "Responder", usage: "ocsp" });
  expect(fault(bytes(issuer.ocspResponse(site, elsewhere)))).toMatch(/^is not signed by/);
  const namesake = Authority.create(join(folder, "namesake"), "Issuer One");
  const forged = { cert: namesake.certFile, key: namesake.keyFile };
  expect(fault(bytes(issuer.ocspResponse(site, forged)))).toMatch(/^is not signed by/);
});

test("about another certificate, also where the issuer is not known", () => {
  const wrong = bytes(issuer.ocspResponse(second));
  expect(fault(wrong)).toBe("is about another certificate");
  const [leaf = ""] = readFileSync(site.cert, "utf8").split(/(?<=-----END CERTIFICATE-----\n)/);
  const alone = new Uint8Array(Buffer.from(leaf));
  expect(judge(alone, wrong, Date.now()).kind).toBe("useless");
  expect(judge(alone, good, Date.now()).kind).toBe("good");
});

test("at its time only", () => {
  const { fromMs, untilMs } = judged(good) as Extract<Judgement, { kind: "good" }>;
  expect(judged(good, site, untilMs - 1).kind).toBe("good");
  expect(fault(good, untilMs)).toMatch(/^has run out on 20\S+ \S+ UTC$/);
  expect(judged(good, site, fromMs - 300_000).kind).toBe("good");
  expect(fault(good, fromMs - 301_000)).toMatch(/which is yet to come; check the clock$/);
});

test("garbage, and what was cut or has something behind it", () => {
  const notOne = "is not one in DER";
  for (const text of ["", "hello", "\x30\x03\x0a\x01", "\x30\x84\x7f\xff\xff\xff"]) {
    expect(fault(new Uint8Array(Buffer.from(text, "latin1")))).toBe(notOne);
  }
  expect(fault(good.slice(0, -1))).toBe(notOne);
  expect(fault(new Uint8Array([...good, 0]))).toBe(notOne);
  // tryLater, as RFC 6960 section 4.2.1 has it.
  expect(fault(new Uint8Array([0x30, 3, 0x0a, 1, 3]))).toBe("says trylater instead of an answer");
  expect(fault(new Uint8Array([0x30, 3, 0x0a, 1, 0]))).toMatch(/^is of a kind/);
});

test("with any byte changed it says the same or nothing, and the next is judged as ever", () => {
  const right = judged(good);
  for (let i = 0; i < good.length; i++) {
    const changed = new Uint8Array(good);
    changed[i] = (good[i] as number) ^ (1 << (i % 8));
    const judgement = judged(changed);
    expect([right, { kind: "useless", text: expect.any(String) }]).toContainEqual(judgement);
  }
  expect(judged(good)).toEqual(right);
});
