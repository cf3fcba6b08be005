// Persistence by cookie, of one backend: HAProxy's `cookie`. The exchange finds the server with
// `request.find`, edits what the server will see with `request.edit`, and after the response's head
// has come calls `response.apply`. Whose server drains goes back to it, as with sticky tables; whose
// server is down or gone is balanced anew, and the response says where the client belongs from then on.
import type { CookiePlan } from "../../../config/http-plan.ts";
import { type CookieFinding, RequestCookieState } from "./cookie-state.ts";
import { RequestCookie } from "./request-cookie.ts";
import { ResponseCookie } from "./response-cookie.ts";
import { ServerValues } from "./server-values.ts";

/** What an exchange knows of its backend's servers. */
export interface ServerStanding {
  /**
   * Whether a client that belongs to server `index` goes there now: it is up, or drains, or the
   * backend panics; and it has not failed this exchange.
   */
  keepsClients(index: number): boolean;
}

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

  /**
   * The server that a found cookie leads to now, the first that stands for its value; -1: none, the
   * policy picks one. Notes in `finding` that its server is down.
   */
  follow(finding: CookieFinding, standing: ServerStanding): number {
    for (let index = finding.server; index >= 0; index = this.values.following(index)) {
      if (!standing.keepsClients(index)) continue;
      finding.state = RequestCookieState.valid;
      return index;
    }
    if (finding.server >= 0) finding.state = RequestCookieState.down;
    return -1;
  }
}

/** Null: no cookie. */
export function compilePersistence(
  plan: CookiePlan | null,
  servers: readonly string[],
): Persistence | null {
  return plan === null ? null : new Persistence(plan, servers);
}
