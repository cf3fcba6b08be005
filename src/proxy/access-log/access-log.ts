// The access log of one worker: a line for each session in tcp mode and each exchange in http mode that
// ends, formatted at once and shipped in batches. The records are filled anew for every line.
import type { GlobalPlan } from "../../config/plan.ts";
import type { Reactor, Timer, TimerHandler } from "../../reactor/reactor.ts";
import type { Exchange } from "../http/exchange.ts";
import { recordExchange } from "../http/exchange-record.ts";
import { recordSession } from "../tcp/session-record.ts";
import type { TcpSession } from "../tcp/tcp-session.ts";
import type { Ended, Phase } from "../termination.ts";
import { AccessLogBuffer } from "./buffer.ts";
import { HttpRecord } from "./http-record.ts";
import { SessionRecord } from "./record.ts";
import { accessFormats, httpFormats } from "./registry.ts";

/** Lines wait this long for company: one message to the control plane carries many. */
const flushMs = 200;

export class AccessLog implements TimerHandler {
  readonly #session: SessionRecord;
  readonly #exchange: HttpRecord;
  readonly #buffer: AccessLogBuffer;
  readonly #timer: Timer;
  /** Null while the log is off. */
  #format: ((record: SessionRecord) => string) | null;
  #httpFormat: ((record: HttpRecord) => string) | null;

  constructor(reactor: Reactor, ship: (batch: Uint8Array) => void) {
    this.#session = new SessionRecord();
    this.#exchange = new HttpRecord();
    this.#buffer = new AccessLogBuffer(ship);
    this.#timer = reactor.timer(this);
    this.#format = null;
    this.#httpFormat = null;
  }

  /** What is kept was formatted as the plan before said: it goes first. */
  configure({ access, format }: GlobalPlan["log"]): void {
    this.flush();
    this.#format = access === "off" ? null : accessFormats[format];
    this.#httpFormat = access === "off" ? null : httpFormats[format];
  }

  writeSession(session: TcpSession, ended: Ended, phase: Phase): void {
    if (this.#format === null) return;
    const record = this.#session;
    recordSession(session, record);
    record.ended = ended;
    record.phase = phase;
    this.#write(this.#format(record));
  }

  /** Before it has left its server. */
  writeExchange(exchange: Exchange, ended: Ended, phase: Phase): void {
    if (this.#httpFormat === null) return;
    const record = this.#exchange;
    recordExchange(exchange, record);
    record.ended = ended;
    record.phase = phase;
    this.#write(this.#httpFormat(record));
  }

  #write(line: string): void {
    this.#buffer.append(line);
    if (!this.#timer.armed) this.#timer.arm(flushMs);
  }

  flush(): void {
    this.#buffer.flush();
  }

  onTimer(_timer: Timer): void {
    this.#buffer.flush();
  }
}
