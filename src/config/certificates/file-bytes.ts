// The bytes of a file that TLS is configured with, and the sentences for when there are none. The
// readers beside it call it; it does not look at what the bytes mean.
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { accept, type Reading, type Refusal, reject } from "../reading.ts";

/** Longest certificate, key, CA or CRL file. The longest bundle of public roots is a quarter of it. */
export const fileBytesMax: number = 1024 * 1024;

/** A pipe is opened at once, and then seen to be no file. Windows has no such flag. */
const readingFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** All of a regular file. The array has a buffer of its own, so that it can be posted to a worker. */
export function readBytes(file: string, bytesMax: number = fileBytesMax): Reading<Uint8Array> {
  let descriptor = -1;
  try {
    descriptor = openSync(file, readingFlags);
    const status = fstatSync(descriptor);
    if (status.isDirectory()) {
      return reject(`${named(file)} is a folder`, "Name the file in it.");
    }
    if (!status.isFile()) return reject(`${named(file)} is not a file`, "Name a file.");
    if (status.size > bytesMax) {
      const limit = `${bytesMax / 1024 / 1024} MiB`;
      return reject(`${named(file)} is larger than ${limit}`, "Check that it is the right file.");
    }
    return accept(new Uint8Array(readFileSync(descriptor)));
  } catch (error) {
    return fileRefusal(file, error);
  } finally {
    if (descriptor >= 0) closeSync(descriptor);
  }
}

/** What an error of the file system says about a file or a folder. */
export function fileRefusal(file: string, error: unknown): Refusal {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return reject(`there is no file ${named(file)}`, "Create it, or name another one.");
    case "EACCES":
    case "EPERM":
      return reject(
        `this user may not read ${named(file)}`,
        "Change its permissions or its folder's, or run as the user who may.",
      );
    default: {
      const reason = error instanceof Error ? error.message : String(error);
      return reject(`${named(file)} cannot be read`, `The system says ${reason}.`);
    }
  }
}

/** A file's name in a message: as it is, unless it would spoil the line. */
export function named(file: string): string {
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(file) ? JSON.stringify(file) : file;
}
