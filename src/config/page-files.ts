// Files that a configuration names: where they are, and the text of those that are read with it, error
// pages. load.ts makes one for each reading, so that what was checked is what the plan gets.
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { accept, quoted, type Reading, reject } from "./reading.ts";

/** Bytes of one page at most: every worker holds it. */
export const pageBytesMax = 65_536;

export class PageFiles {
  /** Where relative paths begin. */
  readonly #folder: string;
  readonly #read: Map<string, Reading<string>>;

  /** `config` is the configuration file. */
  constructor(config: string) {
    this.#folder = dirname(resolve(config));
    this.#read = new Map();
  }

  /** The absolute path of `file`: a relative one begins where the configuration is. */
  path(file: string): string {
    return resolve(this.#folder, file);
  }

  /** False for what is not there, too. */
  isFolder(file: string): boolean {
    try {
      return statSync(this.path(file)).isDirectory();
    } catch {
      return false;
    }
  }

  /** The text of `file`; each file is read once. */
  read(file: string): Reading<string> {
    const known = this.#read.get(file);
    if (known) return known;
    const reading = this.#readNow(file);
    this.#read.set(file, reading);
    return reading;
  }

  #readNow(file: string): Reading<string> {
    const path = this.path(file);
    const message = `${quoted(file)} cannot be read`;
    try {
      const status = statSync(path);
      // A pipe would be waited for.
      if (!status.isFile()) return reject(`${quoted(file)} is not a file`, "Name a file.");
      if (status.size > pageBytesMax) {
        const hint = `A page has ${pageBytesMax / 1024} KiB at most.`;
        return reject(`${quoted(file)} is too large`, hint);
      }
      return accept(new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
        return reject(`${quoted(file)} is not UTF-8 text`, "Save it with the encoding UTF-8.");
      }
      if (code === "ENOENT" || code === "ENOTDIR") {
        return reject(`there is no file ${quoted(file)}`, `It was looked for as ${path}.`);
      }
      return reject(message, `The system says ${code === "" ? String(error) : code} of ${path}.`);
    }
  }
}
