// Persistence by cookie, of one backend: HAProxy's `cookie`. The exchange finds the server with
// `request.find`, edits what the server will see with `request.edit`, and after the response's head
// has come calls `response.apply`. What becomes of a client whose server is down, drains or is gone
// is the exchange's to decide: it gets an index and a state.
import type { CookiePlan } from "../../../config/http-plan.ts";
import { RequestCookie } from "./request-cookie.ts";
import { ResponseCookie } from "./response-cookie.ts";
import { ServerValues } from "./server-values.ts";

export class Persistence {
  readonly values: ServerValues;
  readonly request: RequestCookie;
  readonly response: ResponseCookie;

  /** `servers`: the backend's server names; their places are the indexes here. */
  constructor(plan: CookiePlan, servers: readonly string[]) {
    this.values = new ServerValues(servers, plan.values);
    this.request = new RequestCookie(plan, this.values);
    this.response = new ResponseCookie(plan, this.values);
  }
}

/** Null: no cookie. */
export function compilePersistence(
  plan: CookiePlan | null,
  servers: readonly string[],
): Persistence | null {
  return plan === null ? null : new Persistence(plan, servers);
}
