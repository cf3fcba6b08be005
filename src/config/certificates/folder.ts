// What belongs to a folder of certificates: which of its files are certificates, and where the key and
// the OCSP response of each are. certificates.ts reads them, the control plane watches them.
import { readdirSync } from "node:fs";
import { join, parse } from "node:path";
import { accept, type Reading, reject } from "../reading.ts";
import { fileRefusal, named } from "./file-bytes.ts";

/** Every worker holds all of them. */
const certificatesMax = 10_000;

const certificateEndings = new Set([".pem", ".crt", ".cer"]);

export interface FolderEntry {
  readonly cert: string;
  /** `NAME.key` beside it; the same file where there is none: then the key must be in it. */
  readonly key: string;
  /** `NAME.ocsp` beside it; null: there is none. */
  readonly ocsp: string | null;
}

/** The certificates of a folder by name, at least one. */
export function listFolder(folder: string): Reading<FolderEntry[]> {
  const files = folderFiles(folder);
  if (!files.ok) return files;
  const all = new Set(files.value);
  const entries = files.value
    .filter((name) => certificateEndings.has(parse(name).ext))
    .map((name): FolderEntry => {
      const { name: stem } = parse(name);
      const key = all.has(`${stem}.key`) ? `${stem}.key` : name;
      const ocsp = all.has(`${stem}.ocsp`) ? join(folder, `${stem}.ocsp`) : null;
      return { cert: join(folder, name), key: join(folder, key), ocsp };
    });
  if (entries.length === 0) {
    const hint = "Put NAME.pem (or .crt, .cer) and NAME.key there, or both in one NAME.pem.";
    return reject(`there are no certificates in the folder ${named(folder)}`, hint);
  }
  if (entries.length > certificatesMax) {
    const message = `there are ${entries.length} certificates in the folder ${named(folder)}`;
    return reject(message, `It may hold ${certificatesMax}; use wildcards, or divide it.`);
  }
  return accept(entries);
}

/**
 * The names of all files in a folder that may matter, sorted. Hidden ones do not: Kubernetes keeps
 * what it mounts in `..data`, and has links to there in the folder.
 */
export function folderFiles(folder: string): Reading<string[]> {
  try {
    const files = readdirSync(folder, { withFileTypes: true });
    const names = files.filter((file) => !file.isDirectory() && matters(file.name));
    return accept(names.map(({ name }) => name).toSorted((one, other) => (one < other ? -1 : 1)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      const hint = "Create it, or name another one.";
      return reject(`there is no folder ${named(folder)}`, hint);
    }
    if (code === "ENOTDIR") {
      const hint = "Name the folder that it is in, or the file with `cert` and `key`.";
      return reject(`${named(folder)} is not a folder`, hint);
    }
    return fileRefusal(folder, error);
  }
}

function matters(name: string): boolean {
  const { ext } = parse(name);
  if (name.startsWith(".")) return false;
  return certificateEndings.has(ext) || ext === ".key" || ext === ".ocsp";
}
