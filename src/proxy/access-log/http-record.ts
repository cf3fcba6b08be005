// What the log says of one HTTP exchange: all that it says of a session, and the request and its answer.
// A worker keeps one of these and overwrites every field whenever an exchange ends.
import { SessionRecord } from "./record.ts";

/** Times in whole milliseconds; -1: that phase was never reached. `totalMs`: from the request's first byte. */
export class HttpRecord extends SessionRecord {
  /** Empty: what came was no request, and nothing is known of it. */
  method: string;
  /** As the client sent it. */
  target: string;
  /** Without its port; empty: the request names none. */
  host: string;
  /** `HTTP/1.1`. */
  version: string;
  /** What the client was answered; 0: nothing. */
  status: number;
  /** From the request's first byte until its head was complete. */
  requestMs: number;
  /** From the request's last attempt until the head of its response. */
  responseMs: number;
  /** Empty: requests get none. */
  requestId: string;
  /** What became of the persistence cookie, in request and response: two of HAProxy's letters. */
  cookie: string;
  /** Fields that `logHeaders` names, and their values; empty: the message has none. */
  requestNames: readonly string[];
  requestValues: readonly string[];
  responseNames: readonly string[];
  responseValues: readonly string[];

  constructor() {
    super();
    this.method = "";
    this.target = "";
    this.host = "";
    this.version = "";
    this.status = 0;
    this.requestMs = -1;
    this.responseMs = -1;
    this.requestId = "";
    this.cookie = "--";
    this.requestNames = [];
    this.requestValues = [];
    this.responseNames = [];
    this.responseValues = [];
  }
}
