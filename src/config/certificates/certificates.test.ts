import { X509Certificate, createPrivateKey } from "node:crypto";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Authority, type Issued } from "../../../test/support/authority.ts";
import type { CertificateMaterial, CertificateSource } from "../tls-plan.ts";
import { readCaFile, readCrlFile } from "./authority-files.ts";
import { readCertificates, readClientCertificate } from "./certificates.ts";
import { KnownPairs } from "./known-pairs.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-certificates-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ca = Authority.create(join(folder, "ca"));
const issuer = ca.intermediate("Issuer One");
const self = Authority.create(join(folder, "self"), "self.example");
// After those that are valid from the moment in which they are made.
const nowMs = Date.now();

function read(source: CertificateSource, known?: KnownPairs): readonly CertificateMaterial[] {
  const reading = readCertificates(source, known === undefined ? { nowMs } : { nowMs, known });
  if (!reading.ok) throw new Error(`${reading.message}: ${reading.hint}`);
  return reading.value;
}

function files(issued: Issued, passphrase = ""): CertificateSource {
  return { kind: "files", ...issued, passphrase, ocsp: null };
}

function only(source: CertificateSource): CertificateMaterial {
  const [material] = read(source);
  return material as CertificateMaterial;
}

/** A new folder with these files, as links to what there is. */
function folderOf(name: string, content: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, from] of Object.entries(content)) symlinkSync(from, join(path, file));
  return path;
}

function pemCount(bytes: Uint8Array): number {
  return Buffer.from(bytes).toString().split("-----BEGIN").length - 1;
}

const plain = ca.issue({ names: ["a.example"] });

describe("a certificate", () => {
  test("is read with its names, the type of its key and its end", () => {
    const names = ["A.Example", "*.b.example", "127.0.0.1", "2001:DB8:0:0::1", "A.EXAMPLE"];
    const notAfter = new Date(Math.floor(nowMs / 1000) * 1000 + 60_000);
    const issued = ca.issue({ names, commonName: "other.example", notAfter });
    const material = only(files(issued));
    expect(material).toMatchObject({
      file: issued.cert,
      names: ["a.example", "*.b.example", "127.0.0.1", "2001:db8::1"],
      keyType: "ecdsa",
      notAfterMs: notAfter.getTime(),
      passphrase: "",
      ocsp: null,
    });
    const certificate = new X509Certificate(material.cert);
    expect(certificate.checkPrivateKey(createPrivateKey(Buffer.from(material.key)))).toBe(true);
  });

  test.each([
    ["rsa", "rsa"],
    ["ecdsa", "ecdsa"],
    ["ed25519", "ed25519"],
    ["ed448", "other"],
  ])("may have a key of the type %s", (key, keyType) => {
    expect(only(files(ca.issue({ names: ["a.example"], key }))).keyType).toBe(keyType);
  });

  test("may have an encrypted key, which workers get decrypted", () => {
    const issued = ca.issue({ names: ["a.example"], passphrase: "secret" });
    expect(readFileSync(issued.key, "utf8")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    const { key, passphrase } = only(files(issued, "secret"));
    expect(createPrivateKey(Buffer.from(key)).asymmetricKeyType).toBe("ec");
    expect(passphrase).toBe("");
  });

  test("may be in one file with its key, which is no part of the certificate then", () => {
    const file = join(folder, "both.pem");
    const parts = [readFileSync(plain.key), "a comment\r\n", readFileSync(plain.cert)];
    writeFileSync(file, parts.join(""));
    const material = only(files({ cert: file, key: file }));
    expect(Buffer.from(material.cert).toString()).not.toContain("PRIVATE");
    expect(pemCount(material.cert)).toBe(1);
    expect(pemCount(material.key)).toBe(1);
  });

  test("takes its chain along, and ends when it or its issuer does", () => {
    const shortly = new Date(Math.floor(nowMs / 1000) * 1000 + 60_000);
    const short = ca.intermediate("Short", { notAfter: shortly });
    const long = only(files(issuer.issue({ names: ["a.example"] })));
    expect(pemCount(long.cert)).toBe(2);
    const material = only(files(short.issue({ names: ["a.example"] })));
    expect(material.notAfterMs).toBe(shortly.getTime());
    expect(long.notAfterMs).toBeGreaterThan(material.notAfterMs);
  });

  test("may bring its root, and may have signed itself", () => {
    const issued = issuer.issue({ names: ["a.example"] });
    appendFileSync(issued.cert, readFileSync(ca.certFile));
    expect(pemCount(only(files(issued)).cert)).toBe(3);
    const { names } = only(files({ cert: self.certFile, key: self.keyFile }));
    expect(names).toEqual(["self.example"]);
  });

  test("without names is for its common name, if that is like a host's", () => {
    expect(only(files(ca.issue({ commonName: "C.example" }))).names).toEqual(["c.example"]);
    expect(only(files(ca.issue({ commonName: "localhost" }))).names).toEqual(["localhost"]);
  });

  test("can be posted to a worker", () => {
    const material = only({ kind: "files", ...plain, passphrase: "", ocsp: null });
    expect(structuredClone(material)).toEqual(material);
    // A slice of node's pool would take the whole pool along, with other people's bytes in it.
    expect(material.key.buffer.byteLength).toBe(material.key.length);
    expect(material.cert.buffer.byteLength).toBe(material.cert.length);
  });

  test("has a staple when a file with one is named", () => {
    const ocsp = ca.ocspResponse(plain);
    const material = only({ kind: "files", ...plain, passphrase: "", ocsp });
    expect(Buffer.from(material.ocsp ?? [])).toEqual(readFileSync(ocsp));
    expect(only({ kind: "files", ...plain, passphrase: "", ocsp: "fetch" }).ocsp).toBeNull();
  });

  test("for servers may be for no name", () => {
    const issued = ca.issue({ commonName: "our proxy", usage: "client" });
    const reading = readClientCertificate({ ...issued, passphrase: "" }, { nowMs });
    expect(reading).toMatchObject({ ok: true, value: { names: [], keyType: "ecdsa" } });
  });

  test("that was read before is the same object, as long as its files are", () => {
    const known = new KnownPairs();
    const issued = ca.issue({ names: ["a.example"] });
    const [first] = read(files(issued), known);
    expect(read(files(issued), known)[0]?.cert).toBe(first?.cert);
    const next = ca.issue({ names: ["b.example"] });
    renameSync(next.cert, issued.cert);
    expect(readCertificates(files(issued), { nowMs, known })).toMatchObject({ ok: false });
    renameSync(next.key, issued.key);
    expect(read(files(issued), known)[0]?.names).toEqual(["b.example"]);
    known.retain(new Set());
    expect(read(files(issued), known)[0]?.names).toEqual(["b.example"]);
  });
});

describe("a folder", () => {
  test("gives its certificates by name, with keys and staples beside them", () => {
    const b = ca.issue({ names: ["b.example"] });
    const both = join(folder, "c.both");
    writeFileSync(both, `${readFileSync(plain.cert, "utf8")}${readFileSync(plain.key, "utf8")}`);
    const path = folderOf("mixed", {
      "b.crt": b.cert,
      "b.key": b.key,
      "b.ocsp": ca.ocspResponse(b),
      "a.pem": both,
      "d.cer": plain.cert,
      "d.key": plain.key,
      "README.txt": plain.key,
      ".hidden.pem": plain.cert,
    });
    mkdirSync(join(path, "ssl.crt"));
    const materials = read({ kind: "folder", folder: path, ocsp: null });
    const found = materials.map(({ file, names, ocsp }) => [file, names[0], ocsp !== null]);
    expect(found).toEqual([
      [join(path, "a.pem"), "a.example", false],
      [join(path, "b.crt"), "b.example", true],
      [join(path, "d.cer"), "a.example", false],
    ]);
  });

  test("of Kubernetes has each certificate once", () => {
    const path = join(folder, "kubernetes");
    mkdirSync(join(path, "..2026_01"), { recursive: true });
    copyFileSync(plain.cert, join(path, "..2026_01/tls.crt"));
    copyFileSync(plain.key, join(path, "..2026_01/tls.key"));
    symlinkSync("..2026_01", join(path, "..data"));
    symlinkSync("..data/tls.crt", join(path, "tls.crt"));
    symlinkSync("..data/tls.key", join(path, "tls.key"));
    const materials = read({ kind: "folder", folder: path, ocsp: null });
    expect(materials.map(({ file }) => file)).toEqual([join(path, "tls.crt")]);
  });
});

describe("who signs others", () => {
  test("is read from a bundle, expired ones too", () => {
    const past = new Date(nowMs - 3_600_000);
    const expired = ca.intermediate("Expired", { notAfter: past });
    const bundle = join(folder, "bundle.pem");
    const text = [ca.certFile, expired.certFile].map((file) => readFileSync(file, "utf8")).join("");
    writeFileSync(bundle, `# roots\n${text}`);
    const reading = readCaFile(bundle);
    expect(reading.ok && pemCount(reading.value)).toBe(2);
  });

  test("has lists of revoked certificates", () => {
    const bundle = join(folder, "crls.pem");
    const lists = [ca.crl([ca.issue({ names: ["gone.example"] })]), issuer.crl()];
    writeFileSync(bundle, lists.map((file) => readFileSync(file, "utf8")).join("\n"));
    const reading = readCrlFile(bundle);
    expect(reading.ok && pemCount(reading.value)).toBe(2);
  });
});
