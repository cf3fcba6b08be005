// One request from its first look to its last byte: who asks, what for, the resource's answer as
// JSON. Whatever goes wrong inside is an answer too: nothing that a client sends ends the process.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AdminPlan } from "../../config/plan.ts";
import { authorise } from "./access.ts";
import type { AdminServices } from "./admin-context.ts";
import { ApiError } from "./api-error.ts";
import { readBody } from "./request-body.ts";
import { resources } from "./resources.ts";
import { findResource } from "./router.ts";

/** Never rejects. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  plan: AdminPlan,
  services: AdminServices,
): Promise<void> {
  // A client that goes away is no event.
  request.on("error", () => {});
  response.on("error", () => {});
  try {
    send(request, response, 200, await handle(request, plan, services));
  } catch (error) {
    if (request.socket.destroyed) return;
    if (error instanceof ApiError) {
      const { status, message, headers, details } = error;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      send(request, response, status, { error: message, ...details });
      return;
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    services.context.log.error(`the admin API could not answer ${request.method}: ${text}`);
    send(request, response, 500, { error: "an internal error; the process log has it" });
  }
}

async function handle(
  request: IncomingMessage,
  plan: AdminPlan,
  services: AdminServices,
): Promise<unknown> {
  authorise(request, plan);
  const { method = "GET", url = "/" } = request;
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  const { handler, names, writes } = findResource(resources, method, path);
  const body = writes ? await readBody(request) : {};
  return handler({ names, query, body }, services);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: unknown,
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": bytes.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
