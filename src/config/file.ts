// Reads a configuration file's text, whatever it turns out to be: absent, a folder, a pipe, no text
// at all. load.ts calls it.
import { type FileHandle, open } from "node:fs/promises";
import { fileProblem, type Problem } from "./problem.ts";

/** Longest configuration that is read. */
export const fileBytesMax: number = 8 * 1024 * 1024;

/** The text of `file`, or the problem that stops it from being one. Pipes and devices can be read too. */
export async function readConfigFile(
  file: string,
): Promise<{ readonly text: string } | { readonly problem: Problem }> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file, "r");
    const bytes = await readAtMost(handle, fileBytesMax + 1);
    if (bytes.length > fileBytesMax) {
      const message = `the file is larger than ${fileBytesMax / 1024 / 1024} MiB`;
      return { problem: fileProblem(file, message, "Check that it is the configuration.") };
    }
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    return { problem: readingProblem(file, error) };
  } finally {
    await handle?.close();
  }
}

async function readAtMost(handle: FileHandle, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  while (total < bytesMax) {
    const chunk = Buffer.allocUnsafe(Math.min(64 * 1024, bytesMax - total));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks, total);
}

function readingProblem(file: string, error: unknown): Problem {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return fileProblem(file, "there is no such file", "Name the configuration with -c FILE.");
    case "EISDIR":
      return fileProblem(file, "this is a folder", "Name the file in it with -c FILE.");
    case "EACCES":
    case "EPERM":
      return fileProblem(
        file,
        "this user may not read the file",
        "Change its permissions, or run as the user who may.",
      );
    case "ERR_ENCODING_INVALID_ENCODED_DATA":
      return fileProblem(file, "the file is not UTF-8 text", "Save it with the encoding UTF-8.");
    default: {
      const reason = error instanceof Error ? error.message : String(error);
      return fileProblem(file, `the file cannot be read: ${reason}`, "Name a file that can be.");
    }
  }
}
