// The body of a writing request: a small JSON object, or a refusal that says what is wrong with it.
import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

const bytesMax = 64 * 1024;
const takenMax = 1024 * 1024;

/** An empty body is an empty object. */
export async function readBody(
  request: IncomingMessage,
): Promise<Readonly<Record<string, unknown>>> {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    // A page can send a form anywhere, but JSON only to where it is admitted.
    throw new ApiError(
      415,
      "the content-type of a request that changes something must be application/json",
    );
  }
  const text = await readText(request);
  if (text.trim() === "") return {};
  const value = parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ApiError(400, "the body must be a JSON object");
}

/**
 * Listens itself, because an iteration that ends early would destroy the connection, and the answer
 * with it. What is too long is still taken for a while: a client that only gets to read after it has
 * sent all would otherwise see a reset in place of the reason.
 */
function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const tooLong = (): void =>
      reject(
        new ApiError(413, `the body is longer than ${bytesMax} bytes`, { connection: "close" }),
      );
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else if (bytes > takenMax) tooLong();
    });
    request.once("end", () => {
      if (bytes > bytesMax) tooLong();
      else resolve(Buffer.concat(chunks).toString("utf8"));
    });
    request.once("close", () => reject(new Error("the client has gone")));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, `the body is not JSON: ${(error as Error).message}`);
  }
}

/** Throws unless the body has no other keys than `known`. */
export function onlyKeys(body: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const other = Object.keys(body).find((key) => !known.includes(key));
  if (other === undefined) return;
  const allowed =
    known.length === 0 ? "an empty object is wanted" : `known are: ${known.join(", ")}`;
  throw new ApiError(400, `there is no key ${JSON.stringify(other)}; ${allowed}`);
}
