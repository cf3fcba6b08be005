// How a client's connection ends without taking from the client what it has not read yet.
import { ClientLimit, limitClient } from "./client-limits.ts";
import type { HttpSession } from "./http-session.ts";

/** After what the client has still to take. */
export function closeGently(session: HttpSession): void {
  session.closing = true;
  const { client } = session;
  if (client.unsent > 0 && !client.closed) {
    limitClient(session, ClientLimit.client);
    return;
  }
  // Requests behind the last one are read and dropped: unread, they would make the kernel reset.
  if (session.ahead !== null || client.hasData) session.linger();
  if (client.closed || session.clientEnded || !session.lingering) {
    session.close();
    return;
  }
  client.unforward();
  client.end();
  client.resume();
  limitClient(session, ClientLimit.linger);
}
