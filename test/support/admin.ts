// The admin API of a Ballast in the test's own process, and requests to it as any HTTP client would
// send them: with all headers in the test's hand, over TCP or a unix socket.
import pino from "pino";
import { type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { type AdminPlan, type Plan, Supervisor } from "../../dist/index.js";
import { connectOptions } from "./clients.ts";
import { atTestEnd } from "./leftovers.ts";
import { planOf } from "./library.ts";

export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed; null when it is no JSON. */
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any
}

/** Sends one request on a connection of its own. An object as the body goes as JSON. */
export function send(address: string, path: string, request: Request = {}): Promise<Answer> {
  const { method = "GET", body } = request;
  const json = typeof body === "object";
  const text = json ? JSON.stringify(body) : body;
  const headers = { ...(json && { "content-type": "application/json" }), ...request.headers };
  const { path: socketPath, ...place } = connectOptions(address) as { readonly path?: string };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        ...place,
        ...(socketPath !== undefined && { socketPath }),
        path,
        method,
        headers,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const content = Buffer.concat(chunks).toString();
          const { statusCode = 0 } = response;
          const answer = { status: statusCode, headers: response.headers, text: content };
          resolve({ ...answer, body: parse(content) });
        });
      },
    );
    sent.once("error", reject);
    sent.end(text);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The plan of a configuration, with an admin API on a free port or as the test wants it. */
export function adminPlan(config: object, admin: Partial<AdminPlan> | null = {}): Plan {
  const plan = planOf(config);
  const defaults = {
    address: { family: "ipv4", host: "127.0.0.1", port: 0 },
    token: "",
    required: true,
  } as const;
  return {
    ...plan,
    // Sessions that a test has left open are not waited for.
    global: {
      ...plan.global,
      shutdownTimeoutMs: 0,
      admin: admin === null ? null : { ...defaults, ...admin },
    },
  };
}

export interface Messages {
  readonly lines: { readonly level: string; readonly message: string }[];
}

/** Starts a plan; `messages` takes what its log says. Stopped when the test ends. */
export async function startPlan(
  plan: Plan,
  messages: Messages = { lines: [] },
): Promise<Supervisor> {
  const options = { messageKey: "message", formatters: { level: (level: string) => ({ level }) } };
  const log = pino(options, {
    write: (line: string) => messages.lines.push(JSON.parse(line) as Messages["lines"][number]),
  });
  const supervisor = await Supervisor.start(plan, log);
  atTestEnd(() => supervisor.stop());
  return supervisor;
}

/** A running Ballast with its admin API. */
export class Admin {
  readonly supervisor: Supervisor;

  constructor(supervisor: Supervisor) {
    this.supervisor = supervisor;
  }

  /** Where the API listens. */
  get address(): string {
    return this.supervisor.admin.address as string;
  }

  /** Where its only, or first, bind listens. */
  get front(): string {
    return this.supervisor.addresses[0] as string;
  }

  send(path: string, request: Request = {}): Promise<Answer> {
    return send(this.address, path, request);
  }

  /** The body of a GET that succeeds. */
  async get(path: string): Promise<Answer["body"]> {
    const { status, body, text } = await this.send(`/api/v1${path}`);
    if (status !== 200) throw new Error(`${status}: ${text}`);
    return body;
  }

  patch(path: string, body: object): Promise<Answer> {
    return this.send(`/api/v1${path}`, { method: "PATCH", body });
  }
}

/** Starts a configuration with an admin API on a free port. */
export async function startAdmin(
  config: object,
  admin: Partial<AdminPlan> = {},
  messages?: Messages,
): Promise<Admin> {
  return new Admin(await startPlan(adminPlan(config, admin), messages));
}
