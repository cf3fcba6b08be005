// Files that change while they are in force, as operators and programs change them.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Authority, type Issued } from "../../../test/support/authority.ts";
import { until } from "../../../test/support/until.ts";
import {
  bindTls,
  filesOf,
  folderOf,
  newFolder,
  serverTls,
  watchedCertificates,
} from "../../../test/support/watched-certificates.ts";
import type { CertificateSource } from "../../config/tls-plan.ts";
import type { TlsChange } from "./wanted.ts";

const made = mkdtempSync(join(tmpdir(), "ballast-made-"));
afterAll(() => rmSync(made, { recursive: true }));

const ca = Authority.create(join(made, "ca"));
const a = ca.issue({ names: ["a.example"] });
const b = ca.issue({ names: ["b.example"] });
const c = ca.issue({ names: ["c.example"] });

/** Copies a pair to `folder/STEM.pem` and `.key`. */
function put(issued: Issued, folder: string, stem: string): Issued {
  const files = { cert: join(folder, `${stem}.pem`), key: join(folder, `${stem}.key`) };
  copyFileSync(issued.cert, files.cert);
  copyFileSync(issued.key, files.key);
  return files;
}

/** Puts `from` in the place of `to` in one step. */
function renameOver(from: string, to: string): void {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

function joined(file: string, issued: Issued): string {
  writeFileSync(file, readFileSync(issued.cert, "utf8") + readFileSync(issued.key, "utf8"));
  return file;
}

/** Certificate and key in one file. */
function inOne(file: string): CertificateSource {
  return filesOf({ cert: file, key: file });
}

/** Names of the certificates that a change brings. */
function names(change: TlsChange): string[] {
  if (change.kind !== "bind") throw new Error("no bind has changed");
  return change.material.certificates.flatMap((certificate) => certificate.names);
}

describe("a change is followed", () => {
  test("when a file takes the place of another", async () => {
    const folder = newFolder();
    const file = joined(join(folder, "site.pem"), a);
    const { use, change, told, certificates } = watchedCertificates();
    const { binds } = use([bindTls("web", [inOne(file)])]);
    renameOver(joined(join(folder, "next"), b), file);
    const { key, material } = await change(0);
    expect([key, material]).toEqual(["web", binds.get("web")]);
    expect(certificates.list()[0]?.names).toEqual(["b.example"]);
    expect(told("info")).toHaveLength(1);
    expect(told("info")[0]).toMatch(
      /^new TLS files are in use: \S+site\.pem \(valid until 20\S+ \S+ UTC\)$/,
    );
  });

  test("when files are written in place, and again", async () => {
    const files = put(a, newFolder(), "site");
    const { use, change, told } = watchedCertificates();
    use([bindTls("web", [filesOf(files)])]);
    for (const [i, next] of [b, c, a].entries()) {
      writeFileSync(files.key, readFileSync(next.key));
      writeFileSync(files.cert, readFileSync(next.cert));
      expect(names(await change(i))).toEqual([["b", "c", "a"][i] + ".example"]);
    }
    expect(told("warn")).toEqual([]);
  });

  test("when Kubernetes swaps what its links lead to", async () => {
    const folder = newFolder();
    const version = (name: string, issued: Issued): void => {
      mkdirSync(join(folder, name));
      copyFileSync(issued.cert, join(folder, name, "tls.crt"));
      copyFileSync(issued.key, join(folder, name, "tls.key"));
    };
    version("..1", a);
    symlinkSync("..1", join(folder, "..data"));
    for (const file of ["tls.crt", "tls.key"]) symlinkSync(`..data/${file}`, join(folder, file));
    const { use, change } = watchedCertificates();
    const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
    use([bindTls("files", [filesOf(files)]), bindTls("folder", [folderOf(folder)])]);
    version("..2", b);
    symlinkSync("..2", join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    rmSync(join(folder, "..1"), { recursive: true });
    const both = [await change(0), await change(1)];
    expect(both.map(({ key }) => key)).toEqual(["files", "folder"]);
    expect(both.map((one) => names(one))).toEqual([["b.example"], ["b.example"]]);
  });

  test("when the certificate comes before its key, without a warning", async () => {
    const files = put(a, newFolder(), "site");
    const { use, change, line, told } = watchedCertificates();
    use([bindTls("web", [filesOf(files)])]);
    renameOver(b.cert, files.cert);
    await line("is not the one of the certificate");
    renameOver(b.key, files.key);
    expect(names(await change(0))).toEqual(["b.example"]);
    expect(told("warn")).toEqual([]);
  });

  test("when a folder gets one more, or loses one", async () => {
    const folder = newFolder();
    put(a, folder, "a");
    const { use, change, told } = watchedCertificates();
    use([bindTls("web", [folderOf(folder)])]);
    put(b, folder, "b");
    expect(names(await change(0))).toEqual(["a.example", "b.example"]);
    unlinkSync(join(folder, "a.key"));
    unlinkSync(join(folder, "a.pem"));
    expect(names(await change(1))).toEqual(["b.example"]);
    expect(told("info")[1]).toBe(`new TLS files are in use: ${folder}/a.pem (gone)`);
  });

  test("when nothing tells of it: at the next look", async () => {
    const folder = newFolder();
    const elsewhere = newFolder();
    const real = joined(join(elsewhere, "real.pem"), a);
    const file = join(folder, "site.pem");
    symlinkSync(real, file);
    const { use, change } = watchedCertificates({ pollMs: 10 });
    use([bindTls("web", [inOne(file)])]);
    joined(real, b);
    expect(names(await change(0))).toEqual(["b.example"]);
  });

  test("when the folder itself is another one", async () => {
    const folder = join(newFolder(), "site");
    mkdirSync(folder);
    const files = put(a, folder, "site");
    const { use, change } = watchedCertificates({ pollMs: 10 });
    use([bindTls("web", [filesOf(files)])]);
    renameSync(folder, `${folder}.old`);
    mkdirSync(folder);
    put(b, folder, "site");
    expect(names(await change(0))).toEqual(["b.example"]);
  });

  test("when it came between reading and use", async () => {
    const files = put(a, newFolder(), "site");
    const { certificates, change } = watchedCertificates();
    const loaded = certificates.load([bindTls("web", [filesOf(files)])], []);
    renameOver(b.key, files.key);
    renameOver(b.cert, files.cert);
    if (loaded.ok) certificates.keep(loaded);
    expect(names(await change(0))).toEqual(["b.example"]);
  });

  test("of everything else that a bind or a server names", async () => {
    const folder = newFolder();
    const at = (name: string, from: string): string => {
      copyFileSync(from, join(folder, name));
      return join(folder, name);
    };
    const [staple, clients, crl] = [
      at("a.ocsp", ca.ocspResponse(a)),
      at("clients.pem", ca.certFile),
      at("crl.pem", ca.crl()),
    ];
    const [ours, roots] = [put(c, folder, "ours"), at("roots.pem", ca.certFile)];
    const { use, change, told } = watchedCertificates();
    const clientAuth = { ca: clients, required: true, crl };
    const { servers } = use(
      [bindTls("web", [filesOf(a, staple)], { clientAuth })],
      [serverTls("app/1", { ...ours, verify: true, ca: roots })],
    );
    const other = Authority.create(join(folder, "other"), "Other");
    // Made by hand: OpenSSL's would be the same in the same second.
    const nextStaple = join(folder, "next.der");
    writeFileSync(nextStaple, Buffer.from("3003020100", "hex"));
    const steps: [string, string, string][] = [
      [nextStaple, staple, `the OCSP response of ${a.cert}`],
      [other.certFile, clients, clients],
      [ca.crl([b]), crl, crl],
      [other.certFile, roots, roots],
    ];
    for (const [i, [from, to, words]] of steps.entries()) {
      renameOver(from, to);
      await change(i);
      expect(told("info")[i]).toBe(`new TLS files are in use: ${words}`);
    }
    renameOver(b.key, ours.key);
    renameOver(b.cert, ours.cert);
    const { kind, key, material } = await change(steps.length);
    expect([kind, key, material]).toEqual(["server", "app/1", servers.get("app/1")]);
  });
});

describe("what is broken", () => {
  const soon = { patienceMs: 50, pollMs: 10 };

  test("is told once until it changes, and the old one stays in use", async () => {
    const folder = newFolder();
    const files = put(a, folder, "site");
    const other = joined(join(folder, "other.both"), c);
    const { use, change, line, told, changes, certificates } = watchedCertificates(soon);
    const web = bindTls("web", [filesOf(files)]);
    const { binds } = use([web, { ...web, key: "web6" }, bindTls("other", [inOne(other)])]);
    const before = binds.get("web");
    renameOver(b.cert, files.cert);
    expect(await line("stays in use")).toMatchObject({ level: "warn", for: ["web", "web6"] });
    const mistake = `the key in ${files.key} is not the one of the certificate in ${files.cert}`;
    const hint = "Name the key that the certificate was issued for.";
    expect(told("warn")).toEqual([`${mistake}; the old one stays in use. ${hint}`]);
    renameOver(joined(join(folder, "next"), b), other);
    expect((await change(0)).key).toBe("other");
    expect(told("warn")).toHaveLength(1);
    writeFileSync(files.cert, "nothing");
    const again = await line("stays in use", 1);
    expect(again.message).toContain(`there is no PEM certificate in ${files.cert}`);
    expect(certificates.inForce.binds.get("web")).toBe(before);
    expect(changes).toHaveLength(1);
  });

  test("is told when files are no more", async () => {
    const files = put(a, newFolder(), "site");
    const { use, line, certificates } = watchedCertificates(soon);
    use([bindTls("web", [filesOf(files)])]);
    unlinkSync(files.cert);
    const { message } = await line("stays in use");
    expect(message).toContain(`there is no file ${files.cert}; the old one stays in use`);
    expect(certificates.list()[0]?.names).toEqual(["a.example"]);
  });

  test("is told to be mended, by what was there before or by something new", async () => {
    const files = put(a, newFolder(), "site");
    const { use, change, changes, line } = watchedCertificates(soon);
    use([bindTls("web", [filesOf(files)])]);
    renameOver(b.cert, files.cert);
    await line("stays in use");
    renameOver(a.cert, files.cert);
    expect(await line("as they were again")).toMatchObject({ level: "info", for: ["web"] });
    expect(changes).toEqual([]);
    renameOver(b.cert, files.cert);
    await line("stays in use", 1);
    renameOver(b.key, files.key);
    expect(names(await change(0))).toEqual(["b.example"]);
  });

  test("is also what has expired; but what is in use already may expire", async () => {
    const folder = newFolder();
    const soonOver = new Date(Date.now() + 3_600_000);
    const file = joined(
      join(folder, "a.pem"),
      ca.issue({ names: ["a.example"], notAfter: soonOver }),
    );
    const list = join(folder, "crl.pem");
    copyFileSync(ca.crl(), list);
    let nowMs = Date.now();
    const { use, change, line } = watchedCertificates(soon, () => nowMs);
    const clientAuth = { ca: ca.certFile, required: true, crl: list };
    const bind = bindTls("web", [inOne(file)], { clientAuth });
    use([bind]);
    nowMs += 2 * 3_600_000;
    renameOver(ca.crl([c]), list);
    await change(0);
    use([bind]);
    const past = ca.issue({ names: ["b.example"], notAfter: new Date(nowMs - 5_000_000) });
    renameOver(joined(join(folder, "next"), past), file);
    expect((await line("stays in use")).message).toContain(`${file} has expired on`);
  });
});

test("nothing is watched after close()", async () => {
  const before = watches();
  const files = put(a, newFolder(), "site");
  const { use, certificates } = watchedCertificates();
  use([bindTls("web", [filesOf(files)]), bindTls("ca", [filesOf(a)])]);
  expect(watches() - before).toBe(existsSync("/proc/self/fdinfo") ? 2 : 0);
  use([bindTls("web", [filesOf(files)])]);
  expect(watches() - before).toBe(existsSync("/proc/self/fdinfo") ? 1 : 0);
  certificates.close();
  await until("no watch to be left", () => watches() === before);
  const again = certificates.load([bindTls("web", [filesOf(files)])], []);
  if (again.ok) certificates.keep(again);
  expect(watches()).toBe(before);
});

/** Folders that this process watches, as Linux counts them. */
function watches(): number {
  if (!existsSync("/proc/self/fdinfo")) return 0;
  let count = 0;
  for (const descriptor of readdirSync("/proc/self/fd")) {
    try {
      if (!readlinkSync(`/proc/self/fd/${descriptor}`).includes("inotify")) continue;
      count += readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8").split("inotify wd:").length;
      count--;
    } catch {
      // The descriptor with which the list was read.
    }
  }
  return count;
}
