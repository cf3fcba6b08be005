// Request ids: UUIDs of version 7 (RFC 9562 section 5.7), the form that Envoy's users, tracing tools
// and databases read already, and that sorts by time. An id from a trusted proxy is kept. The worker
// has one source of them; each exchange has one id, for the server, templates and the log.
//
// An id names a request, it is no secret: who has seen one can guess others of the same worker.
// The 62 random bits tell workers, processes and machines apart. Inside a worker the clock and the
// 12 bits behind the version count: 4,096 ids a millisecond, then the next millisecond is begun
// early (section 6.2), and a clock that is set back is waited for. So none is given twice.
import { randomFillSync } from "node:crypto";
import { type FieldName, fieldName } from "../../../http/field-name.ts";
import { type Head, text } from "../../../http/head.ts";

/** An id that somebody else made is kept up to this length. */
const keptBytesMax = 128;
const uuidBytes = 36;
const countMax = 0xfff;
const digits = Buffer.from("0123456789abcdef", "latin1");

/** The id of one request; the exchange uses one object again and again. */
export class RequestId {
  bytes: Uint8Array;
  /** 0: it has none. */
  length: number;

  constructor() {
    this.bytes = new Uint8Array(uuidBytes);
    this.length = 0;
  }

  clear(): void {
    this.length = 0;
  }

  set(from: Uint8Array, start: number, end: number): void {
    if (end - start > this.bytes.length) this.bytes = new Uint8Array(keptBytesMax);
    for (let i = start; i < end; i++) this.bytes[i - start] = from[i] as number;
    this.length = end - start;
  }

  /** For the log. */
  text(): string {
    return text(this.bytes, 0, this.length);
  }
}

export class RequestIds {
  #clockMs: number;
  #count: number;
  readonly #bytes: Uint8Array;

  constructor() {
    this.#clockMs = -1;
    this.#count = 0;
    const random = randomFillSync(new Uint8Array(8)).reduce(
      (hex, byte) => hex + byte.toString(16).padStart(2, "0"),
      "",
    );
    const variant = "89ab".charAt(Number.parseInt(random.charAt(0), 16) & 3);
    const tail = `${variant}${random.slice(1, 4)}-${random.slice(4)}`;
    // Twelve hexadecimal digits are in the node of a UUID; the four of the prefix make it 62 bits.
    this.#bytes = Buffer.from(`00000000-0000-7000-${tail}`, "latin1");
  }

  /** Gives a new id. `nowMs`: since the epoch. */
  make(into: RequestId, nowMs: number): void {
    if (nowMs > this.#clockMs) this.#begin(nowMs);
    else if (this.#count < countMax) this.#count++;
    else this.#begin(this.#clockMs + 1);
    const bytes = this.#bytes;
    const count = this.#count;
    bytes[15] = digits[count >> 8] as number;
    bytes[16] = digits[(count >> 4) & 15] as number;
    bytes[17] = digits[count & 15] as number;
    into.set(bytes, 0, uuidBytes);
  }

  #begin(clockMs: number): void {
    this.#clockMs = clockMs;
    this.#count = 0;
    let rest = clockMs;
    for (let at = 12; at >= 0; at--) {
      if (at === 8) continue;
      this.#bytes[at] = digits[rest % 16] as number;
      rest = Math.floor(rest / 16);
    }
  }
}

/** The field that carries ids, as `requestId` of a frontend names it. */
export class RequestIdField {
  readonly #name: FieldName;

  constructor(name: string) {
    this.#name = fieldName(name);
  }

  /**
   * Gives the request its id, unless `id` has one from an earlier attempt, and sets the field. What an untrusted client sent there is dropped, and
   * so is what no log should hold, or more than one. The response does not carry it: neither Envoy
   * nor HAProxy sends it unasked, and `response: { headers: { set: .. "{request.id}" } }` does.
   */
  apply(head: Head, id: RequestId, ids: RequestIds, trusted: boolean, nowMs: number): void {
    const i = head.find(this.#name);
    if (id.length > 0) {
      head.dropAll(this.#name);
      head.add(this.#name, id.bytes, 0, id.length);
      return;
    }
    if (i >= 0) {
      if (trusted && head.find(this.#name, i + 1) < 0 && isWellFormed(head, i)) {
        id.set(head.bytesOf(i), head.valueStart(i), head.valueEnd(i));
        return;
      }
      head.dropAll(this.#name);
    }
    ids.make(id, nowMs);
    head.add(this.#name, id.bytes, 0, id.length);
  }
}

/** Compiles `requestId`; null: no ids. */
export function compileRequestId(name: string): RequestIdField | null {
  return name === "" ? null : new RequestIdField(name);
}

/** Letters, digits and `-_.:+/=@`: what ids in use are made of, and nothing that a log must escape. */
function isWellFormed(head: Head, i: number): boolean {
  const bytes = head.bytesOf(i);
  const start = head.valueStart(i);
  const end = head.valueEnd(i);
  if (end === start || end - start > keptBytesMax) return false;
  for (let at = start; at < end; at++) if (inId[bytes[at] as number] === 0) return false;
  return true;
}

const inId: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  /[A-Za-z0-9\-_.:+/=@]/.test(String.fromCharCode(code)) ? 1 : 0,
);
