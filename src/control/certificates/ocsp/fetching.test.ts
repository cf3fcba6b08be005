// `ocsp: fetch` as the control plane does it: what is stapled when, and what the log says. The issuers
// are the openssl command's; the responder answers as each test tells it.
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Authority, type Issued } from "../../../../test/support/authority.ts";
import type { ProcessMessage } from "../../../../test/support/log-lines.ts";
import { type Responder, startResponder } from "../../../../test/support/responder.ts";
import { until } from "../../../../test/support/until.ts";
import {
  bindTls,
  filesOf,
  type WatchedCertificates,
  watchedCertificates,
} from "../../../../test/support/watched-certificates.ts";
import type { CertificateMaterial } from "../../../config/tls-plan.ts";
import type { TlsChange } from "../wanted.ts";
import type { OcspPace } from "./pace.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-fetch-"));
afterAll(() => rmSync(folder, { recursive: true }));

const root = Authority.create(join(folder, "ca"));
const issuer = root.intermediate("Issuer One");
const dayMs = 86_400_000;

interface Scene {
  readonly responder: Responder;
  readonly site: Issued;
  /** A response about it. */
  readonly good: Uint8Array;
  readonly watched: WatchedCertificates;
  /** Sets the clock forward, and has it looked at. */
  readonly pass: (ms: number) => void;
  /** Brings the site into force on a bind, or several. */
  readonly use: (...keys: readonly string[]) => void;
}

async function scene(pace: Partial<OcspPace> = {}): Promise<Scene> {
  const responder = await startResponder();
  const site = issuer.issue({ names: ["a.example"], responder: responder.url });
  let aheadMs = 0;
  const watched = watchedCertificates({}, () => Date.now() + aheadMs, pace);
  return {
    responder,
    site,
    good: response(site),
    watched,
    pass: (ms) => {
      aheadMs += ms;
      watched.certificates.look();
    },
    use: (...keys) => {
      const source = filesOf(site, "fetch");
      watched.use((keys.length > 0 ? keys : ["web"]).map((key) => bindTls(key, [source])));
    },
  };
}

function response(about: Issued, by = issuer, signer?: Issued): Uint8Array {
  return new Uint8Array(readFileSync(by.ocspResponse(about, signer)));
}

function isStaple({ message }: ProcessMessage): boolean {
  return message.includes("is stapled: good until");
}

/** What is stapled with the first certificate of what has changed. */
function stapledIn(change: TlsChange | undefined): Uint8Array | null {
  if (change?.kind !== "bind") throw new Error("no bind has changed");
  return change.material.certificates[0]?.ocsp ?? null;
}

/** The same for what is in force. */
function stapled({ certificates }: WatchedCertificates): Uint8Array | null {
  const [first] = certificates.inForce.certificates as [CertificateMaterial];
  return first.ocsp;
}

test("a response comes after the start, and then to all binds that have the certificate", async () => {
  const { responder, good, watched, use, site } = await scene();
  responder.answer(good);
  use("one", "two");
  expect(stapled(watched)).toBeNull();
  expect(stapledIn(await watched.change(0))).toEqual(good);
  expect(stapledIn(await watched.change(1))).toEqual(good);
  expect(watched.changes.map(({ key }) => key)).toEqual(["one", "two"]);
  expect(stapled(watched)).toEqual(good);
  expect(responder.asked).toHaveLength(1);
  const { certificate, message } = await watched.line("is stapled");
  expect(certificate).toBe(site.cert);
  expect(message).toMatch(
    /^the OCSP response for the certificate in \S+ is stapled: good until 20/,
  );
});

test("a reload keeps the response, and asks nobody", async () => {
  const { responder, good, watched, use, site } = await scene();
  responder.answer(good);
  use();
  await watched.change(0);
  const again = [
    bindTls("web", [filesOf(site, "fetch")]),
    bindTls("new", [filesOf(site, "fetch")]),
  ];
  const { binds } = watched.use(again);
  expect(binds.get("new")?.certificates[0]?.ocsp).toEqual(good);
  expect(responder.asked).toHaveLength(1);
  expect(watched.told("info")).toHaveLength(1);
});

test("what comes between load and keep is not lost", async () => {
  const { responder, good, watched, use, site } = await scene();
  use();
  const loaded = watched.certificates.load([bindTls("web", [filesOf(site, "fetch")])], []);
  if (!loaded.ok) throw new Error("not loaded");
  responder.answer(good);
  await watched.change(0);
  expect(loaded.certificates[0]?.ocsp).toBeNull();
  watched.certificates.keep(loaded);
  expect(loaded.certificates[0]?.ocsp).toEqual(good);
  expect(stapledIn(watched.changes[1])).toEqual(good);
});

test("a certificate that is replaced drops the response of the old one", async () => {
  const { responder, good, watched, use, site } = await scene();
  responder.answer(good);
  use();
  await watched.change(0);
  responder.answer(() => {});
  const next = issuer.issue({ names: ["a.example"], responder: responder.url });
  const about = response(next);
  renameSync(next.key, site.key);
  renameSync(next.cert, site.cert);
  expect(stapledIn(await watched.change(1))).toBeNull();
  await until("the next question", () => responder.asked.length === 2);
  responder.answer(about);
  watched.certificates.close();
});

test("a renewed certificate without a responder is used all the same, and told of", async () => {
  const { responder, good, watched, use, site } = await scene();
  responder.answer(good);
  use();
  await watched.change(0);
  const next = issuer.issue({ names: ["a.example"] });
  renameSync(next.key, site.key);
  renameSync(next.cert, site.cert);
  expect(stapledIn(await watched.change(1))).toBeNull();
  const { level, message } = await watched.line("names no OCSP responder");
  expect([level, message]).toEqual([
    "warn",
    `the certificate in ${site.cert} names no OCSP responder: there is nobody to fetch from. ` +
      "Remove `ocsp: fetch`; its issuer publishes CRLs instead, or nothing.",
  ]);
});

test("it is asked again, at latest after the longest wait", async () => {
  const { responder, good, watched, use, pass } = await scene({ refreshMaxMs: dayMs });
  responder.answer(good);
  use();
  await watched.change(0);
  pass(0.89 * dayMs);
  expect(responder.asked).toHaveLength(1);
  pass(0.12 * dayMs);
  await until("the next question", () => responder.asked.length === 2);
  // The same answer again: no worker hears of it.
  await watched.line("is stapled", 1);
  expect(watched.changes).toHaveLength(1);
});

test("it is asked again in the middle of the response's life", async () => {
  const { responder, good, watched, use, pass } = await scene({ refreshMaxMs: 30 * dayMs });
  responder.answer(good);
  use();
  await watched.change(0);
  pass(0.89 * 3.5 * dayMs);
  expect(responder.asked).toHaveLength(1);
  pass(0.12 * 3.5 * dayMs);
  await until("the next question", () => responder.asked.length === 2);
});

test("a newer response takes the place of the old one", async () => {
  const { responder, good, watched, use, site } = await scene({ refreshMaxMs: 1 });
  responder.answer(good);
  use();
  await watched.change(0);
  const newer = response(site, issuer, issuer.issue({ usage: "ocsp", commonName: "Responder" }));
  responder.answer(newer);
  await until("the newer one", () => stapled(watched)?.length === newer.length);
  expect(stapled(watched)).toEqual(newer);
  // Once, not with every response.
  expect(watched.told("info")).toHaveLength(1);
});

test("a response that has run out is dropped when there is no newer one, and the next is taken", async () => {
  const { responder, good, watched, use, pass, site } = await scene({ refreshMaxMs: dayMs });
  responder.answer(good);
  use();
  await watched.change(0);
  responder.answer((answer) => void answer.writeHead(500).end());
  pass(2 * dayMs);
  const { message } = await watched.line("it answers 500");
  expect(message).toMatch(/; the last one is stapled until 20\S+ \S+ UTC$/);
  expect(stapled(watched)).toEqual(good);
  pass(5 * dayMs);
  expect(stapledIn(await watched.change(1))).toBeNull();
  const dropped = await watched.line("has run out on");
  expect(dropped.level).toBe("warn");
  expect(dropped.message).toMatch(/is no longer stapled; there is no newer one .*it answers 500$/);
  expect(watched.lines.filter((line) => line.message.includes("it answers 500"))).toHaveLength(2);
  expect(site.cert).toBe(dropped.certificate);
});

test("revoked: an error, and nothing is stapled any more", async () => {
  const { responder, good, watched, use, site } = await scene({ refreshMaxMs: 1 });
  responder.answer(good);
  use();
  await watched.change(0);
  issuer.crl([site]);
  responder.answer(response(site));
  expect(stapledIn(await watched.change(1))).toBeNull();
  await until("two more questions", () => responder.asked.length > 4);
  const errors = watched.told("error");
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^the certificate in \S+ is revoked since 20\S+ \S+ UTC, says http/);
});

test.each<[string, (scene: Scene) => Parameters<Responder["answer"]>[0], RegExp]>([
  ["garbage", () => new Uint8Array(Buffer.from("garbage")), /the response is not one in DER/],
  ["nothing", () => new Uint8Array(), /the response is not one in DER/],
  [
    "another certificate's response",
    () => response(issuer.issue({ names: ["a.example"] })),
    /the response is about another certificate/,
  ],
  [
    "what somebody else has signed",
    ({ site }) => response(site, issuer, issuer.issue({ names: ["b.example"] })),
    /the response is not signed by the certificate's issuer: /,
  ],
  [
    "that it does not know the certificate",
    ({ site }) => {
      const nobody = ["-index", "/dev/null"];
      return new Uint8Array(readFileSync(issuer.ocspResponse(site, undefined, nobody)));
    },
    /it does not know the certificate/,
  ],
  ["status 500", () => (answer) => void answer.writeHead(500).end(), /it answers 500/],
])("%s is not stapled but told, once, and asked again", async (_, wrong, reason) => {
  const all = await scene();
  const { responder, good, watched, use, site } = all;
  responder.answer(wrong(all));
  use();
  await until("three questions", () => responder.asked.length >= 3);
  const warnings = watched.told("warn");
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(reason);
  const start = `no OCSP response for the certificate in ${site.cert} from ${responder.url}: `;
  expect(warnings[0]?.startsWith(start)).toBe(true);
  expect(warnings[0]).toMatch(/; asked again at 20\S+ \S+ UTC, .*; nothing is stapled$/);
  expect(watched.changes).toEqual([]);
  responder.answer(good);
  expect(stapledIn(await watched.change(0))).toEqual(good);
});

test("a responder that stalls keeps nobody, and its connection is closed at the end", async () => {
  const { responder, watched, use } = await scene();
  const closed = new Promise<void>((resolve) => {
    responder.answer((answer) => void answer.once("close", resolve));
  });
  use();
  await until("the question", () => responder.asked.length === 1);
  watched.certificates.close();
  await closed;
  expect(watched.told("warn")).toEqual([]);
});

test("of many certificates eight are asked about at once, and all are", async () => {
  const responder = await startResponder();
  const sites = Array.from({ length: 10 }, (_, i) =>
    issuer.issue({ names: [`${i}.example`], responder: `${responder.url}${i}` }),
  );
  const answers: (() => void)[] = [];
  responder.answer((answer, { path }) => {
    const body = response(sites[Number(path.slice(1))] as Issued);
    answers.push(() => void answer.end(body));
  });
  const watched = watchedCertificates();
  watched.use([
    bindTls(
      "web",
      sites.map((site) => filesOf(site, "fetch")),
    ),
  ]);
  await until("eight questions", () => answers.length === 8);
  for (const answer of answers.splice(0)) answer();
  await until("the other questions", () => answers.length === 2);
  for (const answer of answers) answer();
  await until("all", () => watched.lines.filter(isStaple).length === sites.length);
  await until("the last change", () =>
    watched.certificates.inForce.certificates.every(({ ocsp }) => ocsp !== null),
  );
  expect(responder.asked).toHaveLength(sites.length);
});
