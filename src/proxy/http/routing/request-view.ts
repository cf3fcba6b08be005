// What conditions look at: the request that is being routed, and what has been made of it so far, so
// that text, JSON and addresses are made once a request and only when a condition asks. A router has
// one and fills it anew; it holds bytes for the time of one call only.
import type { SocketAddress } from "../../../config/address.ts";
import { type IpGroups, newIpGroups } from "../../../config/ip-groups.ts";
import { parseIp } from "../../../config/ip-scan.ts";
import { BodyKind } from "../../../http/body-kind.ts";
import type { RequestHead } from "../../../http/request-head.ts";
import type { Transport } from "./transport.ts";

const noBody = new Uint8Array(0);
const nothing: readonly string[] = [];

export class RequestView {
  head: RequestHead;
  /** The path in the view that routes are being asked about. */
  path: Uint8Array;
  pathStart: number;
  pathEnd: number;
  /** It is the folded view of path-view.ts. */
  isFolded: boolean;
  /** What was held back; null: it is too long. Counts only if `bodyKnown`. */
  body: Uint8Array | null;
  bodyKnown: boolean;
  /** What the client said in TLS, and whether it speaks it: there only if a route asks. */
  sni: string;
  offered: readonly string[];
  secure: boolean;
  /** `undefined`: not read yet, or no JSON. */
  #json: unknown;
  #jsonRead: boolean;
  #client: SocketAddress;
  /** Of the client: requests of one connection bring the same object. */
  #groupsOf: SocketAddress | null;
  readonly #groups: IpGroups;
  #hasGroups: boolean;

  constructor(head: RequestHead, client: SocketAddress) {
    this.head = head;
    this.path = head.bytes;
    this.pathStart = 0;
    this.pathEnd = 0;
    this.isFolded = false;
    this.body = null;
    this.bodyKnown = false;
    this.sni = "";
    this.offered = nothing;
    this.secure = false;
    this.#json = undefined;
    this.#jsonRead = false;
    this.#client = client;
    this.#groupsOf = null;
    this.#groups = newIpGroups();
    this.#hasGroups = false;
  }

  /** Another request. `bodyBytes`: of a body at most; what is known to be longer is not waited for. */
  begin(head: RequestHead, client: SocketAddress, bodyBytes: number): void {
    this.head = head;
    this.#client = client;
    const tooLong = head.body === BodyKind.length && head.contentLength > bodyBytes;
    this.bodyKnown = tooLong || head.body === BodyKind.none;
    this.body = tooLong ? null : noBody;
    this.#json = undefined;
    this.#jsonRead = false;
    this.setPath(head.bytes, head.pathStart, head.pathEnd, false);
  }

  setTransport({ tls, secure }: Transport): void {
    this.sni = tls === null ? "" : tls.sni;
    this.offered = tls === null ? nothing : tls.offered;
    this.secure = secure;
  }

  setBody(body: Uint8Array | null): void {
    this.body = body;
    this.bodyKnown = true;
  }

  setPath(bytes: Uint8Array, start: number, end: number, isFolded: boolean): void {
    this.path = bytes;
    this.pathStart = start;
    this.pathEnd = end;
    this.isFolded = isFolded;
  }

  /** The body as JSON; undefined: it is none. */
  json(): unknown {
    if (!this.#jsonRead) {
      this.#jsonRead = true;
      this.#json = this.body === null || this.body.length === 0 ? undefined : parse(this.body);
    }
    return this.#json;
  }

  /** The client's address; null: it has none, as at a unix socket. */
  clientGroups(): IpGroups | null {
    const client = this.#client;
    if (this.#groupsOf !== client) {
      this.#groupsOf = client;
      this.#hasGroups =
        client.family !== "unix" && parseIp(client.family, client.host, this.#groups);
    }
    return this.#hasGroups ? this.#groups : null;
  }
}

/** JSON.parse is bounded by the body's limit, and V8's keeps no stack for what is nested. */
function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString("utf8"));
  } catch {
    return undefined;
  }
}
