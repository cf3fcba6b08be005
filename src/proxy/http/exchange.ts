// One request and its response, from the request's head to its log line: requesting -> (queue) ->
// connecting -> waiting for the response's head -> responding -> over. It holds the state and hands
// each event to its phase: requesting.ts, responding.ts, retrying.ts, tunneling.ts, ending.ts. It knows
// its client and its server only as something that carries messages. Used again and again.
import { chunkEnd, lastChunk } from "../../http/h1/chunk-writer.ts";
import type { Fault } from "../../http/h1/fault.ts";
import type { ResponseHead } from "../../http/response-head.ts";
import type { SessionKey } from "../../config/plan.ts";
import type { Reason, Timer, TimerHandler } from "../../reactor/reactor.ts";
import type { StickKey } from "../../scoreboard/stick-key.ts";
import type { Server } from "../dispatch/backend.ts";
import { connected, dispatchTimerFired } from "../dispatch/connecting.ts";
import { Dispatch, type Dispatched } from "../dispatch/dispatch.ts";
import type { Began } from "../dispatch/dispatch-state.ts";
import { replan } from "../dispatch/replanning.ts";
import { Ended, Phase } from "../termination.ts";
import { abandonExchange } from "./answering.ts";
import { ClientLimit, limitClient } from "./client-limits.ts";
import { clientLost, endExchange } from "./ending.ts";
import { ExchangeFacts } from "./exchange-facts.ts";
import { fillRequestKey, requestKeyHash } from "./exchange-key.ts";
import { ExchangeState } from "./exchange-state.ts";
import type { HttpPlane } from "./http-plane.ts";
import type { HttpSession } from "./http-session.ts";
import { persistedServer } from "./persisting.ts";
import { connectExchange, requestBody, sendRequest } from "./requesting.ts";
import { interimResponse, junkResponse, responseHead } from "./responding.ts";
import { serverGone, serverTimerFired } from "./retrying.ts";
import { gatherBody } from "./routing-exchange.ts";
import {
  tunnelData,
  tunnelDone,
  tunnelEnded,
  tunnelForwarded,
  tunnelTimerFired,
} from "./tunneling.ts";

export class Exchange extends ExchangeFacts implements Dispatched, TimerHandler {
  readonly dispatch: Dispatch;
  /** Of the server's silence. */
  readonly timer: Timer;
  /** Next one in the worker's store of unused ones. */
  next: Exchange | null;

  constructor(http: HttpPlane, session: HttpSession) {
    super(http, session);
    const { reactor } = http.plane;
    this.timer = reactor.timer(this);
    const timer = reactor.timer({ onTimer: () => dispatchTimerFired(this.dispatch) });
    this.dispatch = new Dispatch(http.plane, this, timer, null);
    this.next = null;
  }

  /** For another request, whose session is still to be told. */
  renew(): void {
    this.clear();
    this.dispatch.clear();
  }

  connectTo(server: Server): Began {
    return connectExchange(this, server);
  }

  dropAttempt(): void {
    this.server?.abort();
    this.server = null;
  }

  abandon(ended: Ended, phase: Phase): void {
    abandonExchange(this, ended, phase);
  }

  persisted(): number {
    return persistedServer(this);
  }

  keyHash(on: SessionKey): number {
    return requestKeyHash(this, on);
  }

  fillKey(key: StickKey, on: SessionKey): void {
    fillRequestKey(this, key, on);
  }

  onConnected(): void {
    this.dispatch.timer.cancel();
    connected(this.dispatch, false);
    sendRequest(this);
  }

  /** More of the request's body. */
  onRequestData(bytes: Uint8Array, start: number, end: number): void {
    this.bytesIn += end - start;
    if (this.state === ExchangeState.gathering) gatherBody(this, bytes, start, end);
    else requestBody(this, bytes, start, end);
  }

  onInterim(head: ResponseHead): void {
    interimResponse(this, head);
  }

  onHead(head: ResponseHead): void {
    responseHead(this, head);
  }

  onJunk(fault: Fault): void {
    junkResponse(this, fault);
  }

  /** The server has ended or failed before its response was complete. 0: it sent FIN. */
  onServerGone(reason: Reason | 0): void {
    serverGone(this, reason);
  }

  serverActive(): void {
    this.lastServerMs = this.http.plane.reactor.nowMs;
  }

  /** The server has taken more of the request. */
  serverAsked(): void {
    this.serverActive();
    this.askedMs = this.lastServerMs;
  }

  /** A part of the response's body, framed as the server sent it. */
  sendFramed(bytes: Uint8Array, start: number, end: number): void {
    this.http.outbox.append(this.session.client, bytes, start, end);
    this.countBody(end - start);
  }

  /** A part of the response's body without its framing. */
  sendData(bytes: Uint8Array, start: number, end: number): void {
    const { outbox } = this.http;
    const { client } = this.session;
    if (this.framesChunks) outbox.appendChunkHead(client, end - start);
    outbox.append(client, bytes, start, end);
    if (this.framesChunks) outbox.append(client, chunkEnd, 0, chunkEnd.length);
    this.countBody(end - start);
  }

  /** False: the client does not take it as fast, stop the server until it has. */
  flush(): boolean {
    const flows = this.http.outbox.flush(this.session.client);
    if (!flows) this.session.stalled();
    return flows;
  }

  countBody(length: number): void {
    this.bytesOut += length;
  }

  onResponseEnd(): void {
    if (this.framesChunks) {
      this.http.outbox.append(this.session.client, lastChunk, 0, lastChunk.length);
    }
    this.http.outbox.flush(this.session.client);
    endExchange(this, Ended.normal, Phase.done);
  }

  /** The client has taken all that waited for it. */
  onClientDrain(): void {
    if (this.tunneling) tunnelDone(this);
    else this.server?.connection.resume();
  }

  /** So has the server. */
  onServerDrain(): void {
    this.serverAsked();
    if (this.tunneling) tunnelDone(this);
    else if (!this.request.done) {
      limitClient(this.session, ClientLimit.client);
      this.session.client.resume();
    }
  }

  /** The client's connection has failed, or ended where it must not. */
  onClientGone(ended: Ended): void {
    clientLost(this, ended);
  }

  onTunnelData(bytes: Uint8Array, start: number, end: number): void {
    tunnelData(this, bytes, start, end);
  }

  onTunnelForward(fromClient: boolean, length: number): void {
    tunnelForwarded(this, fromClient, length);
  }

  onTunnelEnd(clientSide: boolean): void {
    tunnelEnded(this, clientSide);
  }

  /** A new plan is in force: the next pick is of that one. */
  replan(): void {
    if (this.state !== ExchangeState.dispatching) return;
    replan(this.dispatch, this.http.plane.backend(this.dispatch.backend.name));
  }

  phase(): Phase {
    if (this.state === ExchangeState.dispatching) return this.dispatch.phase();
    if (this.state < ExchangeState.dispatching) return Phase.request;
    return this.state === ExchangeState.waiting ? Phase.headers : Phase.data;
  }

  /** The timer of the server's silence: lazy, it looks when it fires. */
  onTimer(): void {
    if (this.tunneling) tunnelTimerFired(this);
    else serverTimerFired(this);
  }
}
