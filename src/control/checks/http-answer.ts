// An HTTP/1 answer to a check, read strictly as far as a check needs it: the status line, the end
// of the header, the body with its length or its chunks (RFC 9112). http-probe.ts feeds it; it
// judges nothing but whether this is HTTP.
import { receivedBytesMax } from "./dialogue.ts";
import { quoted } from "./probe.ts";

const statusLine = /^HTTP\/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n/;
const prefix = "HTTP/1.";
/** A line longer than this is no status line. */
const statusLineMax = 8192;

export class HttpAnswer {
  /** All of it so far, cut at receivedBytesMax. */
  text: string;
  /** 0 while it is not known. */
  status: number;
  /** Where the body begins; -1 while the header has not ended. */
  bodyAt: number;
  /** Why this is not HTTP; empty while it may be. */
  problem: string;
  #length: number;
  #chunked: boolean;

  constructor() {
    this.text = "";
    this.status = 0;
    this.bodyAt = -1;
    this.problem = "";
    this.#length = -1;
    this.#chunked = false;
  }

  /** As much has come as is kept. */
  get full(): boolean {
    return this.text.length >= receivedBytesMax;
  }

  add(received: string, headRequest: boolean): void {
    this.text = (this.text + received).slice(0, receivedBytesMax);
    while (this.status === 0 && this.problem === "" && this.#readStatus()) {
      // An interim answer (100, 103) was cut off; the next one begins at once.
    }
    if (this.status > 0 && this.bodyAt < 0) this.#readHeader(headRequest);
  }

  /** True when there may be another status line to read. */
  #readStatus(): boolean {
    const { text } = this;
    const match = statusLine.exec(text);
    if (match === null) {
      const wrong = !text.startsWith(prefix.slice(0, text.length));
      const whole = text.includes("\n") || text.length > statusLineMax;
      if (wrong || whole) this.problem = `not HTTP: ${quoted(text.split("\n", 1)[0] ?? "", 40)}`;
      return false;
    }
    const status = Number(match[1]);
    if (status >= 200 || status === 101) {
      this.status = status;
      return false;
    }
    const end = headerEnd(text);
    if (end < 0) return false;
    this.text = text.slice(end);
    return this.text !== "";
  }

  #readHeader(headRequest: boolean): void {
    const end = headerEnd(this.text);
    if (end < 0) return;
    this.bodyAt = end;
    const header = this.text.slice(0, end);
    if (headRequest || this.status === 204 || this.status === 304) this.#length = 0;
    else if (/\ntransfer-encoding:[^\n]*chunked/i.test(header)) this.#chunked = true;
    else {
      const length = /\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r?\n/i.exec(header);
      if (length !== null) this.#length = Number(length[1]);
    }
  }

  /** The body so far, chunk sizes taken out, and whether that is all of it. */
  body(): { readonly text: string; readonly whole: boolean } {
    if (this.bodyAt < 0) return { text: "", whole: false };
    if (this.#chunked) return dechunk(this.text, this.bodyAt);
    const text = this.text.slice(this.bodyAt);
    if (this.#length < 0 || text.length < this.#length) return { text, whole: false };
    return { text: text.slice(0, this.#length), whole: true };
  }
}

/** Where the line after the empty one begins; -1: there is none yet. */
function headerEnd(text: string): number {
  const match = /\n\r?\n/.exec(text);
  return match === null ? -1 : match.index + match[0].length;
}

/** Stops where something is no chunk: what came before it is the body. */
function dechunk(text: string, from: number): { text: string; whole: boolean } {
  const sizeLine = /([0-9a-f]{1,8})[^\n]*\r?\n/iy;
  let body = "";
  let at = from;
  for (;;) {
    sizeLine.lastIndex = at;
    const match = sizeLine.exec(text);
    if (match === null) return { text: body, whole: false };
    const size = Number.parseInt(match[1] ?? "", 16);
    if (size === 0) return { text: body, whole: true };
    const begin = sizeLine.lastIndex;
    body += text.slice(begin, begin + size);
    at = begin + size;
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
  }
}
