// How a client's connection ends without taking from the client what it has not read yet.
import { ClientLimit, limitClient } from "./client-limits.ts";
import type { HttpSession } from "./http-session.ts";

/** After what the client has still to take. */
export function closeGently(session: HttpSession): void {
  session.closing = true;
  const { client } = session;
  if (client.closed) return;
  if (client.unsent > 0) {
    limitClient(session, ClientLimit.client);
    return;
  }
  if (session.clientEnded || !session.lingering) {
    session.close();
    return;
  }
  client.unforward();
  client.end();
  client.resume();
  limitClient(session, ClientLimit.linger);
}
