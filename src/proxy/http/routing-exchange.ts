// From a request to its route: what the router says is done here. A route that looks at bodies gets to
// see this one first, held back as long as its limit allows.
import { BodyKind } from "../../http/body-kind.ts";
import { BodyReader } from "../../http/h1/body-reader.ts";
import { startConnecting } from "../dispatch/connecting.ts";
import { Ended, Phase } from "../termination.ts";
import { answer } from "./answering.ts";
import { ClientLimit, limitClient } from "./client-limits.ts";
import { refuse } from "./refusing.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import { chosenBackend } from "./persisting.ts";
import type { Route } from "./route.ts";
import { Routing } from "./routing/routing.ts";

const goOn = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n", "latin1");

/** `found`: index of the route, or one of Routing. */
export function routeExchange(exchange: Exchange, found: number): void {
  const { settings } = exchange.session;
  switch (found) {
    case Routing.refused:
      refuse(exchange, 400, "a path that means different things to different servers");
      return;
    case Routing.needsBody:
      gather(exchange);
      return;
    case Routing.none:
      follow(exchange, settings.otherwise);
      return;
    default:
      follow(exchange, settings.routes[found] as Route);
  }
}

function follow(exchange: Exchange, route: Route): void {
  exchange.route = route;
  if (route.answer !== null) {
    answer(exchange, route.answer, Ended.local, Phase.request);
    return;
  }
  const { dispatch, session, request } = exchange;
  exchange.state = ExchangeState.dispatching;
  dispatch.renew(chosenBackend(exchange, route));
  dispatch.enter();
  startConnecting(dispatch);
  // Not before it is known where to: until then the kernel holds what else there is of the body.
  if (exchange.state === ExchangeState.dispatching && !request.done) session.client.pause();
}

/** The body is held back until a route can be found. */
function gather(exchange: Exchange): void {
  const { request, session, http } = exchange;
  exchange.state = ExchangeState.gathering;
  if (isGathered(exchange)) {
    decide(exchange);
    return;
  }
  if (http.requestOf(exchange).expectsContinue) {
    // Else it would wait for the server's, and we for it.
    exchange.continued = true;
    session.client.write(goOn, 0, goOn.length);
  }
  if (request.done) return;
  limitClient(session, ClientLimit.client);
  session.client.resume();
}

/** More of the body that a route wants to see. */
export function gatherBody(
  exchange: Exchange,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  exchange.kept.append(bytes, start, end);
  if (isGathered(exchange)) decide(exchange);
}

/** All of it is here, or more than the routes look at. */
function isGathered({ request, session }: Exchange): boolean {
  return request.done || request.dataBytes + request.remaining > session.settings.router.bodyBytes;
}

function decide(exchange: Exchange): void {
  const { http, session } = exchange;
  const { router } = session.settings;
  const body = exchange.request.done ? dataOf(exchange) : null;
  const looked = body !== null && body.length > router.bodyBytes ? null : body;
  const head = http.requestOf(exchange);
  routeExchange(exchange, router.matchBody(head, exchange.clientAddress, looked, exchange));
}

/** The body without its framing. */
function dataOf({ request, kept }: Exchange): Uint8Array {
  const bytes = kept.bytes.subarray(0, kept.length);
  if (request.kind !== BodyKind.chunked) return bytes;
  const data = new Uint8Array(request.dataBytes);
  const reader = new BodyReader();
  reader.begin(BodyKind.chunked, 0);
  let length = 0;
  for (let at = 0; at < bytes.length && !reader.done;) {
    at = reader.next(bytes, at, bytes.length);
    data.set(bytes.subarray(reader.dataStart, reader.dataEnd), length);
    length += reader.dataEnd - reader.dataStart;
  }
  return data.subarray(0, length);
}
