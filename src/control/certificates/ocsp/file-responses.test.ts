// `ocsp: FILE`: what is wrong with a response that stands in a file, when it is read and later.
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Authority } from "../../../../test/support/authority.ts";
import {
  bindTls,
  filesOf,
  newFolder,
  watchedCertificates,
} from "../../../../test/support/watched-certificates.ts";
import type { TlsChange } from "../wanted.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-staples-"));
afterAll(() => rmSync(folder, { recursive: true }));

const root = Authority.create(join(folder, "ca"));
const issuer = root.intermediate("Issuer One");
const site = issuer.issue({ names: ["a.example"] });
const other = issuer.issue({ names: ["b.example"] });
const revoked = issuer.issue({ names: ["c.example"] });
const good = issuer.ocspResponse(site);
const ofOther = issuer.ocspResponse(other);
issuer.crl([revoked]);
const ofRevoked = issuer.ocspResponse(revoked);
const dayMs = 86_400_000;

function ocspIn(change: TlsChange): Uint8Array | null | undefined {
  if (change.kind !== "bind") throw new Error("no bind has changed");
  return change.material.certificates[0]?.ocsp;
}

test("a good one is stapled", () => {
  const { use } = watchedCertificates();
  const { warnings, certificates } = use([bindTls("web", [filesOf(site, good)])]);
  expect(warnings).toEqual([]);
  expect(certificates[0]?.ocsp).toEqual(new Uint8Array(readFileSync(good)));
});

test.each([
  ["about another certificate", site, ofOther, 0, / is about another certificate/],
  ["out of date", site, good, 8 * dayMs, / has run out on 20\S+ \S+ UTC/],
  ["about a revoked certificate", revoked, ofRevoked, 0, / says that the certificate is revoked/],
])("one that is %s is not, with one warning for all binds", (_, about, file, aheadMs, why) => {
  const { use } = watchedCertificates({}, () => Date.now() + aheadMs);
  const source = filesOf(about, file);
  const { warnings, certificates } = use([bindTls("one", [source]), bindTls("two", [source])]);
  expect(warnings).toEqual([expect.stringMatching(why)]);
  expect(warnings[0]?.startsWith(`the OCSP response in ${file} `)).toBe(true);
  expect(warnings[0]).toContain(`, and is not stapled. `);
  expect(certificates.map(({ ocsp }) => ocsp)).toEqual([null, null]);
});

test("one that runs out while it is in force is stapled no more; a newer file is", async () => {
  const file = join(newFolder(), "site.ocsp");
  copyFileSync(good, file);
  let aheadMs = 0;
  const { use, change, told, certificates } = watchedCertificates({}, () => Date.now() + aheadMs);
  use([bindTls("web", [filesOf(site, file)])]);
  aheadMs = 6.9 * dayMs;
  certificates.look();
  expect(certificates.inForce.certificates[0]?.ocsp).not.toBeNull();
  aheadMs = 7 * dayMs;
  certificates.look();
  expect(ocspIn(await change(0))).toBeNull();
  expect(told("warn")).toEqual([
    expect.stringMatching(`^the OCSP response in ${file} has run out on .* put a new one there$`),
  ]);
  aheadMs = 0;
  const newer = issuer.ocspResponse(site, issuer.issue({ usage: "ocsp", commonName: "Responder" }));
  const bytes = new Uint8Array(readFileSync(newer));
  renameSync(newer, file);
  expect(ocspIn(await change(1))).toEqual(bytes);
});

test("a new file that is of no use is told of, and takes the place of the old one", async () => {
  const file = join(newFolder(), "site.ocsp");
  copyFileSync(good, file);
  const { use, change, told } = watchedCertificates();
  use([bindTls("web", [filesOf(site, file)])]);
  copyFileSync(ofOther, `${file}.new`);
  renameSync(`${file}.new`, file);
  expect(ocspIn(await change(0))).toBeNull();
  expect(told("warn")).toEqual([expect.stringContaining("is about another certificate")]);
});
