// The head of a response, as a codec has understood it.
import { BodyKind } from "./body-kind.ts";
import { Head } from "./head.ts";
import { Method } from "./request-head.ts";

export class ResponseHead extends Head {
  status: number;
  /** Of the request that it answers. */
  method: Method;
  /** The phrase behind the status; may be empty. */
  reasonStart: number;
  reasonEnd: number;
  /** Of HTTP/1.x its x; 0 or 1. */
  minor: number;
  body: BodyKind;
  /** Of a body of kind `length`; of a response to HEAD and of 304 what it would have been, or -1. */
  contentLength: number;
  /** The server goes on with this connection. */
  persistent: boolean;
  /** 101, or 2xx to a CONNECT: what follows is no HTTP. */
  switches: boolean;
  start: number;
  end: number;

  constructor() {
    super();
    this.status = 0;
    this.method = Method.other;
    this.reasonStart = 0;
    this.reasonEnd = 0;
    this.minor = 1;
    this.body = BodyKind.none;
    this.contentLength = 0;
    this.persistent = true;
    this.switches = false;
    this.start = 0;
    this.end = 0;
  }

  override relocate(bytes: Uint8Array, delta: number): void {
    super.relocate(bytes, delta);
    this.reasonStart += delta;
    this.reasonEnd += delta;
    this.start += delta;
    this.end += delta;
  }
}
