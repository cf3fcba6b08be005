import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { Authority, type Issued } from "../../../test/support/authority.ts";
import type { Reading } from "../reading.ts";
import { readCaFile, readCrlFile } from "./authority-files.ts";
import { readCertificates } from "./certificates.ts";
import { fileBytesMax } from "./file-bytes.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-mistakes-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ca = Authority.create(join(folder, "ca"));
const issuer = ca.intermediate("Issuer One");
const good = ca.issue({ names: ["a.example"] });
const nowMs = Date.now();
const dayMs = 86_400_000;
let made = 0;

/** A new file with this content. */
function file(...content: (string | Uint8Array)[]): string {
  const path = join(folder, `file-${++made}.pem`);
  for (const part of content) appendFileSync(path, part);
  return path;
}

function text(path: string): string {
  return readFileSync(path, "utf8");
}

function pair(cert: string, key: string, passphrase = "", ocsp: string | null = null): string[] {
  const source = { kind: "files", cert, key, passphrase, ocsp } as const;
  return mistake(readCertificates(source, { nowMs }));
}

/** Message and hint; the names of files without their folders. */
function mistake(reading: Reading<unknown>): string[] {
  if (reading.ok) throw new Error("there is no mistake");
  expect(reading.message).not.toMatch(/\.$/);
  expect(reading.hint).toMatch(/[.?]$/);
  return [reading.message, reading.hint].map((line) => line.replaceAll(/\/\S*\/(?=[^/ ])/g, ""));
}

function named(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function inFolder(name: string, content: Readonly<Record<string, string>>): string[] {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [entry, from] of Object.entries(content)) symlinkSync(from, join(path, entry));
  return ofFolder(path);
}

function shownTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

function dated(from: number, to: number, by: Authority = ca): Issued {
  const dates = { notBefore: new Date(from), notAfter: new Date(to) };
  return by.issue({ names: ["a.example"], ...dates });
}

function ofFolder(path: string): string[] {
  return mistake(readCertificates({ kind: "folder", folder: path, ocsp: null }, { nowMs }));
}

describe("a file", () => {
  test("that is not there, or is no file", () => {
    const absent = ["there is no file none.pem", "Create it, or name another one."];
    expect(pair(join(folder, "none.pem"), good.key)).toEqual(absent);
    expect(pair(good.cert, join(folder, "none.pem"))).toEqual(absent);
    expect(pair(good.cert, good.key, "", join(folder, "none.pem"))).toEqual(absent);
    expect(pair(`${good.cert}/x`, good.key)[0]).toBe("there is no file x");
    expect(pair(folder, good.key)[0]).toBe(`${named(folder)} is a folder`);
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(pair(pipe, good.key)[0]).toBe("pipe is not a file");
    expect(pair(`${folder}/a\nb`, good.key)[0]).toContain(String.raw`a\nb"`);
  });

  test("that is too large", () => {
    const large = file(text(good.cert), new Uint8Array(fileBytesMax));
    expect(pair(large, good.key)[0]).toBe(`${named(large)} is larger than 1 MiB`);
  });

  test("that this user may not read", () => {
    const secret = file(text(good.cert));
    chmodSync(secret, 0);
    // Root may read everything: as somebody else for the moment.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      const told = [`this user may not read ${named(secret)}`, expect.stringContaining("run as")];
      expect(mistake(readCaFile(secret))).toEqual(told);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  test("that is not PEM", () => {
    const der = file(Buffer.from(text(good.cert).split("\n").slice(1, -2).join(""), "base64"));
    const [message, hint] = pair(der, good.key);
    expect(message).toBe(`there is no PEM certificate in ${named(der)}`);
    expect(hint).toContain("binary (DER or PKCS #12)");
    expect(pair(good.cert, der)[0]).toBe(`there is no PEM private key in ${named(der)}`);
    expect(pair(file(""), good.key)[1]).toBe("The file is empty.");
    expect(pair(file("hello\n"), good.key)[1]).toContain("-----BEGIN CERTIFICATE-----");
  });

  test.each([
    ["has no end", (pem: string) => pem.slice(0, 300)],
    ["is not base64", (pem: string) => pem.replace(/^M/m, "?")],
    ["is not base64", (pem: string) => pem.replace(/^M/m, "")],
    ["is empty", (pem: string) => pem.replaceAll(/^[^-].*\n/gm, "")],
    ["has no end", (pem: string) => pem.replace(/-----END.*\n/, "") + pem],
    ["runs into the next one", (pem: string) => pem.trimEnd() + pem],
    ['ends as "X"', (pem: string) => pem.replace("END CERTIFICATE", "END X")],
  ])("with a block that %s", (what, spoil) => {
    const spoiled = file("a comment\n", spoil(text(good.cert)));
    const block = `the PEM block "CERTIFICATE" at line 2 of ${named(spoiled)}`;
    expect(pair(spoiled, good.key)[0]).toBe(`${block} ${what}`);
  });

  test("with a broken certificate or key", () => {
    const spoiled = file(text(good.cert), text(ca.certFile).replace(/^MII/m, "MAI"));
    const line = text(good.cert).split("\n").length;
    const message = `the certificate at line ${line} of ${named(spoiled)} is broken`;
    expect(pair(spoiled, good.key)[0]).toBe(message);
    expect(mistake(readCaFile(spoiled))[0]).toBe(message);
    const key = file(text(good.key).replace(/^MI/m, "MA"));
    expect(pair(good.cert, key)[0]).toBe(`the key in ${named(key)} is broken`);
  });
});

describe("a key", () => {
  test("that is not there, or not alone", () => {
    const { cert, key } = good;
    expect(pair(cert, cert)[0]).toBe(`there is no private key in ${named(cert)}`);
    const [none] = pair(key, key);
    expect(none).toBe(`there is no certificate in ${named(key)}, only "PRIVATE KEY"`);
    const two = file(text(key), text(key));
    expect(pair(cert, two)[0]).toBe(`there are 2 private keys in ${named(two)}`);
  });

  test("that is encrypted", () => {
    const locked = ca.issue({ names: ["a.example"], passphrase: "secret" });
    const name = named(locked.key);
    const absent = `the key in ${name} is encrypted, and no passphrase is given`;
    expect(pair(locked.cert, locked.key)[0]).toBe(absent);
    const wrong = `the passphrase does not open the key in ${name}`;
    const told = pair(locked.cert, locked.key, "wrong");
    expect(told[0]).toBe(wrong);
    const old = file();
    const words = ["ec", "-in", good.key, "-aes128", "-passout", "pass:secret", "-out", old];
    execFileSync("openssl", words, { stdio: "ignore" });
    expect(text(old)).toContain("Proc-Type: 4,ENCRYPTED");
    expect(pair(good.cert, old)[0]).toContain("is encrypted, and no passphrase is given");
    expect(pair(good.cert, old, "wrong")[0]).toContain("the passphrase does not open the key");
    const source = { kind: "files", cert: good.cert, key: old, passphrase: "secret" } as const;
    expect(readCertificates({ ...source, ocsp: null }, { nowMs }).ok).toBe(true);
  });

  test("that is of OpenSSH", () => {
    const key = file(
      "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
    );
    expect(pair(good.cert, key)[0]).toBe(`the key in ${named(key)} is in the format of OpenSSH`);
  });

  test("that belongs to another certificate", () => {
    const other = ca.issue({ names: ["b.example"], key: "ed25519" });
    const [message, hint] = pair(good.cert, other.key);
    const [key, cert] = [named(other.key), named(good.cert)];
    expect(message).toBe(`the key in ${key} is not the one of the certificate in ${cert}`);
    expect(hint).toBe("Name the key that the certificate was issued for.");
    const chained = issuer.issue({ names: ["a.example"] });
    const [leaf = "", above = ""] = text(chained.cert).split(/(?<=-----END CERTIFICATE-----\n)/);
    expect(pair(file(above, leaf), chained.key)[1]).toContain(
      "It is the one of certificate 2 there",
    );
  });

  test("that is too weak", () => {
    const weak = ca.issue({ names: ["a.example"], key: "rsa:1024" });
    const message = `the RSA key of the certificate in ${named(weak.cert)} has only 1024 bits`;
    expect(pair(weak.cert, weak.key)[0]).toBe(message);
  });

  test("that is of a type without use for TLS", () => {
    const parameters = join(folder, "dsa.pem");
    execFileSync("openssl", ["dsaparam", "-out", parameters, "1024"], { stdio: "ignore" });
    const { cert, key } = ca.issue({ names: ["a.example"], key: `dsa:${parameters}` });
    expect(pair(cert, key)[0]).toContain("has a key of the type dsa, which TLS has no use for");
  });
});

describe("a certificate", () => {
  test("that has expired, or is not yet valid", () => {
    const { cert, key } = dated(nowMs - 2 * dayMs, nowMs - dayMs);
    const when = `${shownTime(nowMs - dayMs)} UTC`;
    expect(pair(cert, key)[0]).toBe(`the certificate in ${named(cert)} has expired on ${when}`);
    const source = { kind: "files", cert, key, passphrase: "", ocsp: null } as const;
    expect(readCertificates(source, { nowMs: nowMs - 1.5 * dayMs }).ok).toBe(true);
    expect(readCertificates(source, { nowMs: null }).ok).toBe(true);
    const [message] = mistake(readCertificates(source, { nowMs: nowMs - 3 * dayMs }));
    expect(message).toContain(`is not valid before ${shownTime(nowMs - 2 * dayMs)} UTC`);
  });

  test("whose issuer has expired", () => {
    const dates = { notBefore: new Date(nowMs - 2 * dayMs), notAfter: new Date(nowMs - dayMs) };
    const { cert, key } = dated(nowMs - 2 * dayMs, nowMs + dayMs, ca.intermediate("Past", dates));
    expect(pair(cert, key)[0]).toContain(`the issuer's certificate in ${named(cert)} has expired`);
  });

  test("whose chain is another's, is out of order, or has one twice", () => {
    const chained = issuer.issue({ names: ["a.example"] });
    const [leaf = ""] = text(chained.cert).split(/(?<=-----END CERTIFICATE-----\n)/);
    const other = file(leaf, text(ca.certFile));
    const [message, hint] = pair(other, chained.key);
    expect(message).toBe(`certificate 2 in ${named(other)} has not signed the one before it`);
    expect(hint).toContain('number 1 was issued by "CN=Issuer One", number 2 is "CN=Test Root".');
    expect(pair(file(leaf, leaf), chained.key)[1]).toBe("It is the same; remove it.");
    const namesake = Authority.create(join(folder, "namesake"));
    expect(pair(file(text(good.cert), text(namesake.certFile)), good.key)[0]).toContain(
      "not signed",
    );
    const many = file(text(good.cert), text(ca.certFile).repeat(20));
    expect(pair(many, good.key)[0]).toBe(`${named(many)} has 21 certificates`);
  });

  test("that is for no name", () => {
    const { cert, key } = ca.issue({ commonName: "Some Company, Inc." });
    const message = `the certificate in ${named(cert)} is for no DNS name and no IP address`;
    expect(pair(cert, key)[0]).toBe(message);
  });

  test("that OpenSSL itself refuses", () => {
    const { cert, key } = ca.issue({ names: ["a.example"], digest: "sha1" });
    const [message, hint] = pair(cert, key);
    expect(message).toContain(`OpenSSL does not take the certificate in ${named(cert)}`);
    expect(hint).toContain("too weak");
  });

  test.each([
    ["the OCSP response in X is empty", ""],
    ["there is no OCSP response in X", "-----BEGIN"],
    ["there is no OCSP response in X", "0"],
    ["there is no OCSP response in X", "0\x01"],
    ["there is no OCSP response in X", "0\u0082\x01"],
    ["there is no OCSP response in X", "0\x01\x00 and more"],
  ])("whose staple is none: %s", (message, content) => {
    const staple = file(Buffer.from(content, "latin1"));
    const told = pair(good.cert, good.key, "", staple)[0];
    expect(told).toBe(message.replace("X", named(staple)));
  });
});

describe("a folder", () => {
  test("that is not there, is a file, or is empty", () => {
    expect(ofFolder(join(folder, "none"))[0]).toBe("there is no folder none");
    expect(ofFolder(good.cert)[0]).toBe(`${named(good.cert)} is not a folder`);
    const [message, hint] = inFolder("empty", { "a.key": good.key, "a.txt": good.cert });
    expect(message).toBe("there are no certificates in the folder empty");
    expect(hint).toContain("NAME.key");
  });

  test("with a file that is no site's certificate", () => {
    const [ofCa, hint] = inFolder("with-ca", {
      "tls.crt": good.cert,
      "tls.key": good.key,
      "ca.crt": ca.certFile,
    });
    expect(ofCa).toBe("there is no private key in ca.crt");
    expect(hint).toContain("the key of NAME.pem is in NAME.key");
    const [ofKey] = inFolder("with-key", { "privkey.pem": good.key });
    expect(ofKey).toBe('there is no certificate in privkey.pem, only "PRIVATE KEY"');
  });

  test("with a link to nowhere", () => {
    expect(inFolder("dangling", { "a.pem": join(folder, "nowhere") })[0]).toContain(
      "there is no file",
    );
  });
});

test("files of authorities that have none", () => {
  const [none] = mistake(readCaFile(good.key));
  expect(none).toBe(`there is no certificate in ${named(good.key)}, only "PRIVATE KEY"`);
  expect(mistake(readCaFile(file("")))[0]).toContain("there is no PEM certificate in");
  const [message, hint] = mistake(readCrlFile(ca.certFile));
  expect(message).toBe("there is no CRL in ca.pem");
  expect(hint).toContain("X509 CRL");
  writeFileSync(join(folder, "crl.pem"), "nothing");
  expect(mistake(readCrlFile(join(folder, "crl.pem")))[0]).toBe("there is no PEM CRL in crl.pem");
});
