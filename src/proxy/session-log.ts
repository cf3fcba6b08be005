// The access log of one worker: a line for each session that ends, formatted at once and shipped
// in batches. The record is filled anew for every line.
import type { GlobalPlan } from "../config/plan.ts";
import type { Reactor, Timer, TimerHandler } from "../reactor/reactor.ts";
import { AccessLogBuffer } from "./access-log/buffer.ts";
import { SessionRecord } from "./access-log/record.ts";
import { accessFormats } from "./access-log/registry.ts";
import type { Session } from "./session.ts";
import type { Ended, Phase } from "./termination.ts";

/** Lines wait this long for company: one message to the control plane carries many. */
const flushMs = 200;

export class SessionLog implements TimerHandler {
  readonly #record: SessionRecord;
  readonly #buffer: AccessLogBuffer;
  readonly #timer: Timer;
  /** Null while the log is off. */
  #format: ((record: SessionRecord) => string) | null;

  constructor(reactor: Reactor, ship: (batch: Uint8Array) => void) {
    this.#record = new SessionRecord();
    this.#buffer = new AccessLogBuffer(ship);
    this.#timer = reactor.timer(this);
    this.#format = null;
  }

  configure({ access, format }: GlobalPlan["log"]): void {
    this.#format = access === "off" ? null : accessFormats[format];
  }

  write(session: Session, ended: Ended, phase: Phase): void {
    if (this.#format === null) return;
    const record = this.#record;
    session.describe(record);
    record.ended = ended;
    record.phase = phase;
    this.#buffer.append(this.#format(record));
    if (!this.#timer.armed) this.#timer.arm(flushMs);
  }

  flush(): void {
    this.#buffer.flush();
  }

  onTimer(_timer: Timer): void {
    this.#buffer.flush();
  }
}
