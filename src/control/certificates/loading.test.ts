// What a plan's binds and servers get, or what is wrong with what they name.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, expect, test } from "vitest";
import { Authority } from "../../../test/support/authority.ts";
import {
  bindTls,
  filesOf,
  folderOf,
  newFolder,
  serverTls,
  watchedCertificates,
} from "../../../test/support/watched-certificates.ts";
import { systemRoots } from "./system-roots.ts";

const made = mkdtempSync(join(tmpdir(), "ballast-made-"));
afterAll(() => rmSync(made, { recursive: true }));

const ca = Authority.create(join(made, "ca"));
const a = ca.issue({ names: ["a.example"] });
const b = ca.issue({ names: ["b.example"] });
const ours = ca.issue({ commonName: "our proxy", usage: "client", passphrase: "secret" });

test("binds get certificates in order, and who signs their clients'", () => {
  const crl = ca.crl();
  const clientAuth = { ca: ca.certFile, required: true, crl };
  const { use } = watchedCertificates();
  const folder = newFolder();
  copyFileSync(b.cert, join(folder, "b.pem"));
  copyFileSync(b.key, join(folder, "b.key"));
  const { binds } = use([
    bindTls("one", [filesOf(a), folderOf(folder)], { clientAuth }),
    bindTls("two", [filesOf(a)]),
  ]);
  const one = binds.get("one");
  expect(one?.certificates.flatMap(({ names }) => names)).toEqual(["a.example", "b.example"]);
  expect(Buffer.from(one?.clientCa ?? []).toString()).toContain("BEGIN CERTIFICATE");
  expect(Buffer.from(one?.crl ?? []).toString()).toContain("BEGIN X509 CRL");
  expect(binds.get("two")).toMatchObject({ clientCa: null, crl: null });
  expect(binds.get("two")?.certificates[0]?.cert).toBe(one?.certificates[0]?.cert);
  expect(structuredClone(one)).toEqual(one);
});

test("servers get whom to trust and what to show, each file once", () => {
  const { use, certificates } = watchedCertificates();
  const own = { ...ours, passphrase: "secret" };
  const { servers } = use(
    [bindTls("web", [filesOf(a)])],
    [
      serverTls("app/blind", {}),
      serverTls("app/one", { verify: true, ca: ca.certFile }),
      serverTls("app/two", { verify: true, ca: ca.certFile, ...own }),
      serverTls("app/system", { verify: true }),
      serverTls("app/unread", { ca: "/nowhere/ca.pem" }),
    ],
  );
  const nothing = { ca: null, cert: null, key: null, passphrase: "" };
  expect(servers.get("app/blind")).toEqual(nothing);
  expect(servers.get("app/unread")).toEqual(nothing);
  expect(servers.get("app/two")?.ca).toBe(servers.get("app/one")?.ca);
  expect(Buffer.from(servers.get("app/two")?.key ?? []).toString()).toContain("BEGIN PRIVATE KEY");
  const system = systemRoots();
  expect(system.ok && servers.get("app/system")?.ca).toEqual(system.ok && system.value.pem);
  expect(certificates.list()).toEqual(
    [
      { file: a.cert, names: ["a.example"], binds: ["web"], servers: [] },
      { file: ours.cert, names: [], binds: [], servers: ["app/two"] },
    ].map((row) => expect.objectContaining(row) as unknown),
  );
});

test("every mistake is one sentence, with those whom it concerns; the old stays in force", () => {
  const { use, certificates } = watchedCertificates();
  const before = use([bindTls("web", [filesOf(a)])]);
  const mixed = filesOf({ cert: a.cert, key: b.key });
  const clientAuth = { ca: a.key, required: false, crl: null };
  const loaded = certificates.load(
    [
      bindTls("web", [filesOf(b)]),
      bindTls("web:0", [mixed]),
      bindTls("web:1", [filesOf(a), mixed]),
      bindTls("web:2", [filesOf(a)], { clientAuth }),
    ],
    [serverTls("app/1", { verify: true, ca: join(made, "none.pem") })],
  );
  expect(loaded).toEqual({
    ok: false,
    problems: [
      `web:0, web:1: the key in ${b.key} is not the one of the certificate in ${a.cert}. Name the key that the certificate was issued for.`,
      `web:2: there is no certificate in ${a.key}, only "PRIVATE KEY". Name another file.`,
      `app/1: there is no file ${join(made, "none.pem")}. Create it, or name another one.`,
    ],
  });
  expect(certificates.inForce).toBe(before);
});

test("what is in use already may have expired when the next plan comes, and nothing else", () => {
  const nowMs = Date.now();
  let laterMs = 0;
  const { use, certificates } = watchedCertificates({}, () => nowMs + laterMs);
  const notAfter = new Date(nowMs + 60_000);
  const [one, two] = [1, 2].map(() => ca.issue({ names: ["a.example"], notAfter }));
  if (one === undefined || two === undefined) throw new Error("there are two");
  use([bindTls("web", [filesOf(one)])]);
  laterMs = 120_000;
  expect(certificates.load([bindTls("other", [filesOf(one)])], []).ok).toBe(true);
  expect(certificates.load([bindTls("web", [filesOf(two)])], []).ok).toBe(false);
});

test("the system's roots: as the environment says, else where distributions have them, else node's", () => {
  const folder = newFolder();
  const empty = join(folder, "empty.pem");
  writeFileSync(empty, "");
  const usual = [join(folder, "none.pem"), empty, ca.certFile, a.cert];
  expect(systemRoots({}, usual)).toMatchObject({ ok: true, value: { source: ca.certFile } });
  const chosen = systemRoots({ SSL_CERT_FILE: a.cert }, usual);
  expect(chosen).toMatchObject({ ok: true, value: { source: a.cert } });
  const pem = chosen.ok ? Buffer.from(chosen.value.pem).toString() : "";
  expect(pem).toBe(readFileSync(a.cert, "utf8"));
  const wrong = systemRoots({ SSL_CERT_FILE: empty }, usual);
  expect(wrong).toMatchObject({ message: expect.stringContaining(`in ${empty}`) as unknown });
  const own = systemRoots({ SSL_CERT_FILE: "" }, [empty]);
  expect(own).toMatchObject({ ok: true, value: { source: "Node.js" } });
  const count = own.ok ? Buffer.from(own.value.pem).toString().split("-----BEGIN").length - 1 : 0;
  expect(count).toBe(rootCertificates.length);
});
