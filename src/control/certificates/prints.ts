// Fingerprints of files and folders, to see that something has changed without reading it. Made anew for
// each look, so that a file which many binds name is asked about once.
import { statSync } from "node:fs";
import { join } from "node:path";
import { folderFiles } from "../../config/certificates/folder.ts";
import type { WantedPaths } from "./wanted.ts";

export class Prints {
  readonly #known: Map<string, string>;

  constructor() {
    this.#known = new Map();
  }

  /** Another text than before: something has changed. */
  of({ files, folders }: WantedPaths): string {
    const inFolders = folders.map((folder) => this.#once(`${folder}/`, () => this.#folder(folder)));
    return [...files.map((file) => this.#file(file)), ...inFolders].join("\n");
  }

  #folder(folder: string): string {
    const names = folderFiles(folder);
    if (!names.ok) return names.message;
    return names.value.map((name) => `${name} ${this.#file(join(folder, name))}`).join("\n");
  }

  #file(file: string): string {
    return this.#once(file, () => printOf(file));
  }

  #once(path: string, make: () => string): string {
    const known = this.#known.get(path) ?? make();
    this.#known.set(path, known);
    return known;
  }
}

/** Of what a link leads to. With ctime, because a change of owner or mode may make a file readable. */
function printOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
