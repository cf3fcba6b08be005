// What is known of an exchange: its request, how its body is kept, its server, its times. Written by the
// phases (see exchange.ts), read by the log. It does nothing by itself.
import type { SocketAddress } from "../../config/address.ts";
import { BodyReader } from "../../http/h1/body-reader.ts";
import { Method } from "../../http/request-head.ts";
import type { Backend } from "../dispatch/backend.ts";
import type { TlsFacts } from "../tls/tls-facts.ts";
import { ExchangeState } from "./exchange-state.ts";
import type { HttpPlane } from "./http-plane.ts";
import type { HttpSession } from "./http-session.ts";
import { KeptBytes } from "./kept-bytes.ts";
import {
  CookieFinding,
  RequestCookieState,
  ResponseCookieState,
} from "./persistence/cookie-state.ts";
import { RequestId } from "./rewriting/request-ids.ts";
import type { Route } from "./route.ts";
import type { ServerConnection } from "./server-connection.ts";

export abstract class ExchangeFacts {
  readonly http: HttpPlane;
  session: HttpSession;
  state: ExchangeState;
  /** Null: none was looked for. */
  route: Route | null;
  /** The request's head as it came, to be read again for another attempt and for the log. */
  readonly raw: KeptBytes;
  method: Method;
  /** The client speaks HTTP/1.1, and can be told chunks. */
  chunks: boolean;
  /** It may be sent twice: nothing happens twice. */
  idempotent: boolean;
  /** After it the client's connection goes on, if the response's framing lets it. */
  persistent: boolean;
  /** The request's body, as the client sends it. */
  readonly request: BodyReader;
  /** Of that body what has come so far, as long as it may have to be sent, perhaps again. */
  readonly kept: KeptBytes;
  /** It may be sent again, and all that has come of its body is kept for that. */
  repeatable: boolean;
  /** We have told the client to go on (RFC 9110 section 10.1.1): the server need not. */
  continued: boolean;
  /** Null before the first attempt and between attempts. */
  server: ServerConnection | null;
  /** That connection had carried others before. */
  reused: boolean;
  /** The next attempt must not take an idle connection: the last one was dead. */
  wantsFresh: boolean;
  /** When the head began to come, and when it was complete. */
  headStartMs: number;
  startMs: number;
  sentMs: number;
  /** When the response's head came; -1: not yet. */
  headMs: number;
  /** When something went to the server or came from it. */
  lastServerMs: number;
  /** When something of the request went to it: since then the response's head is awaited. */
  askedMs: number;
  status: number;
  bytesIn: number;
  bytesOut: number;
  /** The response's body goes to the client with the framing that the server gave it. */
  passesFraming: boolean;
  /** We frame it: as chunks. */
  framesChunks: boolean;
  clientEnded: boolean;
  serverEnded: boolean;
  /** Who a trusted proxy says the client is; null: who is connected. */
  toldClient: SocketAddress | null;
  /** The client speaks TLS: with us, or with a trusted proxy that says so. */
  secure: boolean;
  readonly requestId: RequestId;
  /** What its persistence cookie says, and of which backend; null: nobody has looked. */
  readonly finding: CookieFinding;
  foundFor: Backend | null;
  /** What was done about that cookie in the response. */
  cookieState: ResponseCookieState;
  /** Fields of the response that the log shows; null: none are wanted, or there was no response. */
  logged: readonly string[] | null;

  constructor(http: HttpPlane, session: HttpSession) {
    this.http = http;
    this.session = session;
    this.state = ExchangeState.idle;
    this.route = null;
    this.raw = new KeptBytes();
    this.method = Method.other;
    this.chunks = true;
    this.idempotent = false;
    this.persistent = false;
    this.request = new BodyReader();
    this.kept = new KeptBytes(http.blocks);
    this.repeatable = false;
    this.continued = false;
    this.server = null;
    this.reused = false;
    this.wantsFresh = false;
    this.headStartMs = 0;
    this.startMs = 0;
    this.sentMs = 0;
    this.headMs = -1;
    this.lastServerMs = 0;
    this.askedMs = 0;
    this.status = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.passesFraming = true;
    this.framesChunks = false;
    this.clientEnded = false;
    this.serverEnded = false;
    this.toldClient = null;
    this.secure = session.tls !== null;
    this.requestId = new RequestId();
    this.finding = new CookieFinding();
    this.foundFor = null;
    this.cookieState = ResponseCookieState.off;
    this.logged = null;
  }

  /** As if there had been no request yet. */
  protected clear(): void {
    this.state = ExchangeState.idle;
    this.route = null;
    this.raw.clear();
    this.kept.clear();
    this.repeatable = false;
    this.continued = false;
    this.server = null;
    this.reused = false;
    this.wantsFresh = false;
    this.headMs = -1;
    this.status = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.passesFraming = true;
    this.framesChunks = false;
    this.clientEnded = false;
    this.serverEnded = false;
    this.toldClient = null;
    this.requestId.clear();
    this.finding.clear(RequestCookieState.off);
    this.foundFor = null;
    this.cookieState = ResponseCookieState.off;
    this.logged = null;
  }

  get tunneling(): boolean {
    return this.state === ExchangeState.tunnel;
  }

  /** Of the client's connection; null: it speaks no TLS with us. */
  get tls(): TlsFacts | null {
    return this.session.tls;
  }

  /** Who is behind the client's connection, if a trusted proxy has said so; else who is connected. */
  get clientAddress(): SocketAddress {
    return this.toldClient ?? this.session.clientAddress;
  }
}
