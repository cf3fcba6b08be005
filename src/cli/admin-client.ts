// Asks the admin API of a running Ballast, for the verbs of the command line. Every failure is one
// sentence that says what to do; nothing else of HTTP reaches the verbs.
import { request as httpRequest } from "node:http";
import { formatAddress } from "../config/address.ts";
import type { AdminOptions } from "./admin-options.ts";

const answerMs = 30_000;

/** Ballast could not be asked, or has refused: its message is for the user. */
export class AdminFailure extends Error {
  /** What came with it, such as the problems of a configuration. */
  readonly lines: readonly string[];

  constructor(message: string, lines: readonly string[] = []) {
    super(message);
    this.name = "AdminFailure";
    this.lines = lines;
  }
}

export class AdminClient {
  readonly #options: AdminOptions;

  constructor(options: AdminOptions) {
    this.#options = options;
  }

  get(path: string): Promise<unknown> {
    return this.#ask("GET", path, undefined);
  }

  patch(path: string, body: object): Promise<unknown> {
    return this.#ask("PATCH", path, body);
  }

  post(path: string): Promise<unknown> {
    return this.#ask("POST", path, {});
  }

  async #ask(method: string, path: string, body: object | undefined): Promise<unknown> {
    const where = formatAddress(this.#options.admin);
    let answer: Answer;
    try {
      answer = await this.#send(method, path, body);
    } catch (error) {
      throw new AdminFailure(explain(error as NodeJS.ErrnoException, where));
    }
    const value = parse(answer.text);
    if (answer.status === 200 && value !== null) return value;
    if (typeof value?.error !== "string") {
      throw new AdminFailure(
        `what answers on ${where} is not Ballast's admin API (status ${answer.status})`,
      );
    }
    if (answer.status === 401) {
      const token = "give it with BALLAST_ADMIN_TOKEN or --token";
      throw new AdminFailure(`Ballast on ${where} refuses: ${value.error}; ${token}`);
    }
    const { problems } = value;
    throw new AdminFailure(value.error, Array.isArray(problems) ? problems.map(String) : []);
  }

  #send(method: string, path: string, body: object | undefined): Promise<Answer> {
    const { admin, token } = this.#options;
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers: Record<string, string | number> = { accept: "application/json" };
    // As bytes: Node would refuse characters that latin1 does not have.
    if (token !== "") headers["authorization"] = `Bearer ${Buffer.from(token).toString("latin1")}`;
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      headers["content-length"] = Buffer.byteLength(text);
    }
    const place =
      admin.family === "unix" ? { socketPath: admin.path } : { host: admin.host, port: admin.port };
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(answerMs);
      const request = httpRequest({ ...place, method, path, headers, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      });
      request.once("error", reject);
      request.end(text);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function parse(text: string): { readonly error?: unknown; readonly problems?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

function explain({ code = "", name, message }: NodeJS.ErrnoException, where: string): string {
  const hint = "does it run, with global.admin there? --admin or BALLAST_ADMIN says where it is";
  switch (code) {
    case "ECONNREFUSED":
      return `nothing listens on ${where}: ${hint}`;
    case "ENOENT":
      return `there is no socket ${where}: ${hint}`;
    case "EACCES":
      return `no permission to use ${where}: ask as the user that Ballast runs as`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the name in ${where} does not resolve`;
    case "ECONNRESET":
    case "EPIPE":
      return `the connection to ${where} was closed before an answer came`;
    default:
      if (name === "AbortError" || name === "TimeoutError") {
        return `no answer from ${where} within ${answerMs / 1000} s`;
      }
      return code.startsWith("HPE_")
        ? `what answers on ${where} is not Ballast's admin API (no HTTP)`
        : `cannot ask ${where}: ${message}`;
  }
}
