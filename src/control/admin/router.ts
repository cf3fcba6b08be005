// Finds the resource for a request's path and method. A path without one gets a 404 that lists what
// there is, a method without one a 405 that says which there are.
import { ApiError } from "./api-error.ts";
import type { AdminServices } from "./admin-context.ts";

export interface AdminRequest {
  /** Parts of the path that stand for a name, decoded. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Of a writing request; else empty. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What it gives becomes the answer, as JSON. */
export type Handler = (request: AdminRequest, services: AdminServices) => unknown;

export interface Resource {
  /** `/api/v1/servers/:backend/:server`. */
  readonly path: string;
  /** One line for people: what it is. */
  readonly about: string;
  readonly methods: Readonly<Partial<Record<string, Handler>>>;
}

export interface Match {
  readonly handler: Handler;
  readonly names: Readonly<Record<string, string>>;
  /** It may change something, so it has a body. */
  readonly writes: boolean;
}

export function findResource(resources: readonly Resource[], method: string, path: string): Match {
  const wanted = method === "HEAD" ? "GET" : method;
  for (const resource of resources) {
    const names = namesIn(resource.path, path);
    if (names === null) continue;
    const handler = resource.methods[wanted];
    if (handler !== undefined) return { handler, names, writes: wanted !== "GET" };
    const allowed = Object.keys(resource.methods).flatMap((name) =>
      name === "GET" ? ["GET", "HEAD"] : [name],
    );
    throw new ApiError(
      405,
      `${resource.path} does not know ${method}; it knows ${allowed.join(", ")}`,
      {
        allow: allowed.join(", "),
      },
    );
  }
  const paths = resources.map((resource) => resource.path).join(", ");
  throw new ApiError(404, `there is nothing at ${JSON.stringify(path)}; there are: ${paths}`);
}

/** The names in a path that fits the pattern; null when it does not. */
function namesIn(pattern: string, path: string): Record<string, string> | null {
  const steps = pattern.split("/");
  const parts = path.replace(/(.)\/$/, "$1").split("/");
  if (parts.length !== steps.length) return null;
  const names: Record<string, string> = {};
  for (const [i, step] of steps.entries()) {
    const part = parts[i] as string;
    if (step.startsWith(":")) names[step.slice(1)] = decode(part);
    else if (step !== part) return null;
  }
  return names;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError(400, `${JSON.stringify(part)} in the path is not percent-encoded UTF-8`);
  }
}
