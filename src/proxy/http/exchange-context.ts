// What rewrites may know of an exchange, for one moment: the worker has one of these and shows it the
// exchange at hand. Nothing is made for a template that does not ask.
import type { SocketAddress } from "../../config/address.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { Exchange } from "./exchange.ts";
import { RequestId } from "./rewriting/request-ids.ts";
import type { RewriteContext } from "./rewriting/rewrite-context.ts";
import type { TlsFacts } from "../tls/tls-facts.ts";

const nobody: SocketAddress = { family: "unix", path: "" };
const noId: RequestId = new RequestId();

export class ExchangeContext implements RewriteContext {
  request: RequestHead;
  tls: TlsFacts | null;
  secure: boolean;
  peer: SocketAddress;
  client: SocketAddress;
  peerTrusted: boolean;
  bindPort: number;
  requestId: RequestId;
  frontendName: string;
  backendName: string;
  serverName: string;
  status: number;

  constructor(request: RequestHead) {
    this.request = request;
    this.tls = null;
    this.secure = false;
    this.peer = nobody;
    this.client = nobody;
    this.peerTrusted = false;
    this.bindPort = 0;
    this.requestId = noId;
    this.frontendName = "";
    this.backendName = "";
    this.serverName = "";
    this.status = 0;
  }

  of(exchange: Exchange): this {
    const { session, dispatch } = exchange;
    const { bind } = session;
    this.request = exchange.http.requests.head;
    this.tls = session.tls;
    this.secure = exchange.secure;
    this.peer = session.clientAddress;
    this.client = exchange.clientAddress;
    this.peerTrusted = session.peerTrusted;
    this.bindPort = bind.family === "unix" ? 0 : bind.port;
    this.requestId = exchange.requestId;
    this.frontendName = session.frontend.name;
    this.backendName = dispatch.startMs >= 0 ? dispatch.backend.name : "";
    this.serverName = dispatch.target === null ? "" : dispatch.target.name;
    this.status = exchange.status;
    return this;
  }
}
