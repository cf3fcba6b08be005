// Says at once that something has happened in one of some folders, where the system can tell
// (inotify and the like). file-watch.ts looks what it was, and looks now and then anyway: network
// file systems say nothing, and links change at their other end.
import { type FSWatcher, statSync, watch } from "node:fs";

interface Watched {
  readonly watcher: FSWatcher;
  /** The folder itself: another one may take its place under its name. */
  readonly identity: string;
}

export class FolderWatches {
  readonly #onEvent: () => void;
  readonly #watched: Map<string, Watched>;

  constructor(onEvent: () => void) {
    this.#onEvent = onEvent;
    this.#watched = new Map();
  }

  /** Watches these folders and no others. Those that cannot be watched now are tried again next time. */
  watch(folders: ReadonlySet<string>): void {
    for (const folder of this.#watched.keys()) if (!folders.has(folder)) this.#drop(folder);
    for (const folder of folders) {
      const identity = identityOf(folder);
      if (this.#watched.get(folder)?.identity === identity) continue;
      this.#drop(folder);
      if (identity !== "") this.#open(folder, identity);
    }
  }

  close(): void {
    for (const folder of this.#watched.keys()) this.#drop(folder);
  }

  #open(folder: string, identity: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, this.#onEvent);
      watcher.on("error", () => this.#drop(folder));
      this.#watched.set(folder, { watcher, identity });
    } catch {
      // No more watches are left (fs.inotify.max_user_watches): looking now and then must do.
    }
  }

  #drop(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }
}

/** Empty: it is not there. With the time of birth, because numbers of inodes are used again. */
function identityOf(folder: string): string {
  try {
    const { dev, ino, birthtimeNs } = statSync(folder, { bigint: true });
    return `${dev} ${ino} ${birthtimeNs}`;
  } catch {
    return "";
  }
}
