// What all HTTP sessions of a worker share: the parsers and the heads that they fill, the outbox, the
// idle connections to servers, the exchanges that are not in use.
import { Parsed } from "../../http/h1/fault.ts";
import { RequestParser } from "../../http/h1/request-parser.ts";
import { ResponseParser } from "../../http/h1/response-parser.ts";
import { RepeatedHeads, repeatedBytes } from "../../http/h1/repeated-heads.ts";
import { RequestHead } from "../../http/request-head.ts";
import { ResponseHead } from "../../http/response-head.ts";
import type { DataPlane } from "../data-plane.ts";
import type { Backend, Server } from "../dispatch/backend.ts";
import { Exchange } from "./exchange.ts";
import { ExchangeContext } from "./exchange-context.ts";
import type { HttpSession } from "./http-session.ts";
import { Outbox } from "./outbox.ts";
import { Pools } from "./pools.ts";
import { PostponedReads } from "./postponed-reads.ts";
import { RequestIds } from "./rewriting/request-ids.ts";
import { SpareBlocks } from "./spare-blocks.ts";
import { WrittenHeads } from "./written-heads.ts";

/** Of responses, whatever a frontend says of requests. */
const responseLimits = { headBytes: 64 * 1024, headerCount: 256 };
const noLimits = { headBytes: Infinity, headerCount: Infinity, uriBytes: Infinity };
/** Unused exchanges that are kept for the next requests. */
const exchangesMax = 1000;

export class HttpPlane {
  readonly plane: DataPlane;
  readonly requests: RequestParser;
  readonly responses: ResponseParser;
  /** What became of heads that repeat. */
  writtenRequests: WrittenHeads;
  writtenResponses: WrittenHeads;
  readonly outbox: Outbox;
  /** For bodies that are kept. */
  readonly blocks: SpareBlocks;
  readonly pools: Pools;
  readonly postponed: PostponedReads;
  readonly context: ExchangeContext;
  readonly ids: RequestIds;
  /** Whose request `requests.head` holds, as its client sent it; null: nobody's. */
  #held: Exchange | null;
  #unused: Exchange | null;
  #unusedCount: number;

  constructor(plane: DataPlane) {
    this.plane = plane;
    const { scratch, scratchStart } = plane.reactor;
    const answersStart = scratchStart + repeatedBytes;
    const asked = new RepeatedHeads(scratch, scratchStart, () => new RequestHead());
    const answered = new RepeatedHeads(scratch, answersStart, () => new ResponseHead());
    this.requests = new RequestParser({ headBytes: 0, headerCount: 0, uriBytes: 0 }, asked);
    this.responses = new ResponseParser(responseLimits, answered);
    this.writtenRequests = new WrittenHeads();
    this.writtenResponses = new WrittenHeads();
    this.outbox = new Outbox(scratch, answersStart + repeatedBytes);
    this.blocks = new SpareBlocks();
    this.pools = new Pools(plane);
    this.postponed = new PostponedReads(plane.reactor);
    this.context = new ExchangeContext(this.requests.head);
    this.ids = new RequestIds();
    this.#held = null;
    this.#unused = null;
    this.#unusedCount = 0;
  }

  /** `requests.head` was just filled with this one's request. */
  hold(exchange: Exchange): void {
    this.#held = exchange;
    this.#identify(exchange);
  }

  /** `requests.head` is about to be changed. */
  release(): void {
    this.#held = null;
  }

  /**
   * The request of an exchange as its client sent it, and its id: valid for this event, until somebody
   * else asks. Who changes it says release().
   */
  requestOf(exchange: Exchange): RequestHead {
    const { requests } = this;
    if (this.#held === exchange) return requests.head;
    this.#held = null;
    const { raw } = exchange;
    // It has passed those limits that held when it came.
    requests.limits = noLimits;
    const verdict = requests.parse(raw.bytes, 0, raw.length, null);
    if (verdict !== Parsed.done) throw new Error(`a head that was read is none now: ${verdict}`);
    this.hold(exchange);
    return requests.head;
  }

  #identify({ session, requestId }: Exchange): void {
    const field = session.settings.requestId;
    if (field === null) return;
    field.apply(this.requests.head, requestId, this.ids, session.peerTrusted, Date.now());
  }

  /** An exchange for a session's next request. */
  take(session: HttpSession): Exchange {
    const exchange = this.#unused;
    if (exchange === null) return new Exchange(this, session);
    this.#unused = exchange.next;
    this.#unusedCount--;
    exchange.next = null;
    exchange.session = session;
    exchange.secure = session.tls !== null;
    return exchange;
  }

  /** A new plan is in force. */
  replan(backends: ReadonlyMap<string, Backend>): void {
    const servers = new Map<number, Server>();
    for (const backend of backends.values()) {
      for (const server of backend.servers) servers.set(server.row, server);
    }
    this.pools.replan(servers);
    // What was written by the last plan will not be again, and holds on to it.
    this.writtenRequests = new WrittenHeads();
    this.writtenResponses = new WrittenHeads();
  }

  /** It is over. */
  giveBack(exchange: Exchange): void {
    if (this.#held === exchange) this.#held = null;
    exchange.renew();
    if (this.#unusedCount >= exchangesMax) return;
    exchange.next = this.#unused;
    this.#unused = exchange;
    this.#unusedCount++;
  }
}
