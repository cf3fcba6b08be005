// One question to an OCSP responder, over HTTP (RFC 6960 appendix A.1): a POST, and the bytes that come
// back. It judges no answer, keeps no connection, and never goes on longer or takes more than it may.
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";

/** Answers are 1 to 4 KiB; with certificates of the signer a little more. */
export const answerBytesMax: number = 64 * 1024;
const redirectsMax = 2;
const redirects: ReadonlySet<number> = new Set([301, 302, 307, 308]);

/** The responder has not answered. The message ends a sentence. */
export class AskingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AskingError";
  }
}

export interface AskingOptions {
  /** For everything together. */
  readonly timeoutMs: number;
  /** Nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

/** The body of the answer. Rejects with AskingError. */
export async function ask(
  url: string,
  question: Uint8Array,
  { timeoutMs, signal }: AskingOptions,
): Promise<Uint8Array> {
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([limit, signal]);
  try {
    let place = url;
    for (let asked = 0; asked <= redirectsMax; asked++) {
      const answer = await post(place, question, either);
      const { statusCode = 0, headers } = answer;
      if (!redirects.has(statusCode)) return await bodyOf(answer);
      answer.destroy();
      place = nextPlace(place, headers.location);
    }
    throw new AskingError(`it leads to other places more than ${redirectsMax} times`);
  } catch (error) {
    if (error instanceof AskingError) throw error;
    if (limit.aborted) throw new AskingError(`no whole answer within ${timeoutMs / 1000} s`);
    throw new AskingError(error instanceof Error ? reasonOf(error) : String(error));
  }
}

function post(url: string, question: Uint8Array, signal: AbortSignal): Promise<IncomingMessage> {
  const { protocol } = new URL(url);
  const send = protocol === "https:" ? requestHttps : requestHttp;
  const headers = {
    "content-type": "application/ocsp-request",
    "content-length": question.length,
    "user-agent": "ballast-ocsp",
  };
  return new Promise((resolve, reject) => {
    const request = send(url, { method: "POST", headers, agent: false, signal });
    // It may come again after the response, when the rest is broken off.
    request.on("error", reject);
    request.once("response", resolve);
    // Such as with 101, after which no response and no error comes.
    const closed = new AskingError("it has closed the connection without an answer");
    request.once("close", () => reject(closed));
    request.end(question);
  });
}

async function bodyOf(answer: IncomingMessage): Promise<Uint8Array> {
  try {
    if (answer.statusCode !== 200) throw new AskingError(`it answers ${answer.statusCode}`);
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of answer as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > answerBytesMax) {
        throw new AskingError(`its answer is longer than ${answerBytesMax / 1024} KiB`);
      }
      pieces.push(piece);
    }
    // A buffer of its own, so that it can be posted to a worker.
    return new Uint8Array(Buffer.concat(pieces));
  } finally {
    answer.destroy();
  }
}

function nextPlace(from: string, location: string | undefined): string {
  const place = location !== undefined && URL.canParse(location, from);
  if (!place) throw new AskingError("it leads to another place that is none");
  const next = new URL(location, from);
  if (next.protocol === "http:" || next.protocol === "https:") return next.href;
  throw new AskingError("it leads to another place that is not HTTP");
}

function reasonOf(error: Error): string {
  // Of a name with several addresses, each has a reason of its own, and the whole has no words.
  if (!(error instanceof AggregateError)) return error.message;
  return (error.errors as readonly Error[]).map(({ message }) => message).join(", ");
}
