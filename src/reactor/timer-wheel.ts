// A hierarchical timer wheel (Varghese and Lauck, 1987): arming and cancelling are a list insertion
// and removal whatever the number of timers. Used by the reactors; it never reads a clock itself.
// Timers are rounded up to a tick, so they are never early and at most one tick plus a turn late.
import type { Timer, TimerHandler } from "./reactor.ts";

const tickMs = 4;
const slotsBits = 8;
const slots = 1 << slotsBits;
const levels = 4; // 4 ms * 256^4: 198 days; what lies further is parked there and re-sorted

/** One timer, and its own node in a slot's circular list. */
export class WheelTimer implements Timer {
  readonly handler: TimerHandler;
  next: WheelTimer | null;
  previous: WheelTimer | null;
  /** The tick at which it fires. */
  deadline: number;
  readonly #wheel: TimerWheel;

  constructor(wheel: TimerWheel, handler: TimerHandler) {
    this.handler = handler;
    this.next = null;
    this.previous = null;
    this.deadline = 0;
    this.#wheel = wheel;
  }

  get armed(): boolean {
    return this.next !== null;
  }

  get dueMs(): number {
    return this.next === null ? Infinity : this.deadline * tickMs;
  }

  arm(delayMs: number): void {
    this.#wheel.arm(this, delayMs);
  }

  cancel(): void {
    this.#wheel.cancel(this);
  }
}

const idle: TimerHandler = { onTimer() {} };

export class TimerWheel {
  /** Timers armed now. */
  size: number;
  #nowMs: number;
  /** Every timer with a deadline up to this tick has fired. */
  #tick: number;
  readonly #heads: WheelTimer[];
  /** Nothing is due before this tick. May be too early, after a cancel; never too late. */
  #nextTick: number;
  /** Timers of the tick being fired. */
  readonly #firing: WheelTimer;

  constructor(nowMs: number) {
    this.size = 0;
    this.#nowMs = nowMs;
    this.#tick = Math.floor(nowMs / tickMs);
    this.#nextTick = Infinity;
    this.#heads = [];
    for (let i = 0; i < levels * slots; i++) this.#heads.push(this.#head());
    this.#firing = this.#head();
  }

  #head(): WheelTimer {
    const head = new WheelTimer(this, idle);
    head.next = head;
    head.previous = head;
    return head;
  }

  /** The time that `arm` counts from; the reactor sets it once a turn, before advance(). */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs;
    // With nothing to fire the wheel may jump: an idle hour costs nothing to catch up with.
    if (this.size === 0) this.#tick = Math.floor(nowMs / tickMs);
  }

  arm(timer: WheelTimer, delayMs: number): void {
    if (timer.next === null) this.size++;
    else unlink(timer);
    const deadline = Math.ceil((this.#nowMs + Math.max(0, delayMs)) / tickMs);
    // The current tick has fired already, or is firing: the next is the earliest.
    timer.deadline = Math.max(deadline, this.#tick + 1);
    if (timer.deadline < this.#nextTick) this.#nextTick = timer.deadline;
    this.#insert(timer);
  }

  cancel(timer: WheelTimer): void {
    if (timer.next === null) return;
    unlink(timer);
    timer.next = null;
    timer.previous = null;
    this.size--;
  }

  cancelAll(): void {
    for (const head of [...this.#heads, this.#firing]) {
      while (head.next !== head) this.cancel(head.next as WheelTimer);
    }
  }

  #insert(timer: WheelTimer): void {
    let delta = timer.deadline - this.#tick;
    let at = timer.deadline;
    let level = 0;
    while (delta >= slots && level < levels - 1) {
      delta = Math.floor(delta / slots);
      at = Math.floor(at / slots);
      level++;
    }
    // Beyond the last level: parked in its farthest slot, sorted again when that comes round.
    if (delta >= slots) at = Math.floor(this.#tick / slots ** (levels - 1)) + slots - 1;
    append(this.#heads[level * slots + (at & (slots - 1))] as WheelTimer, timer);
  }

  /**
   * Fires what is due. A handler may throw: the exception passes through, the wheel stays sound,
   * and calling again goes on with the next timer.
   */
  advance(): void {
    const target = Math.floor(this.#nowMs / tickMs);
    this.#fire();
    if (target < this.#nextTick) return;
    while (this.#tick < target && this.size > 0) {
      // After a long sleep, straight to the next slot that holds something.
      if (target - this.#tick > slots) this.#tick = Math.min(target, this.#nearest()) - 1;
      this.#tick++;
      this.#cascade();
      const head = this.#heads[this.#tick & (slots - 1)] as WheelTimer;
      while (head.next !== head) move(head.next as WheelTimer, this.#firing);
      this.#fire();
    }
    if (this.size === 0) this.#tick = target;
  }

  #fire(): void {
    const head = this.#firing;
    while (head.next !== head) {
      const timer = head.next as WheelTimer;
      this.cancel(timer);
      timer.handler.onTimer(timer);
    }
  }

  /** Where a level's turn begins, the slot of the level above is spread over it. */
  #cascade(): void {
    let at = this.#tick;
    for (let level = 1; level < levels && at % slots === 0; level++) {
      at = Math.floor(at / slots);
      const head = this.#heads[level * slots + (at & (slots - 1))] as WheelTimer;
      let timer = head.next as WheelTimer;
      head.next = head;
      head.previous = head;
      while (timer !== head) {
        const next = timer.next as WheelTimer;
        this.#insert(timer);
        timer = next;
      }
    }
  }

  /** Milliseconds from now until something may be due, at least 0; -1 when nothing is armed. */
  waitMs(): number {
    if (this.size === 0) return -1;
    if (this.#nextTick <= this.#tick) this.#nextTick = this.#nearest();
    return Math.max(0, this.#nextTick * tickMs - this.#nowMs);
  }

  /** Level 0 is exact; a slot of a higher level counts from where its range begins. */
  #nearest(): number {
    let nearest = Infinity;
    let span = 1;
    for (let level = 0; level < levels; level++) {
      const from = Math.floor(this.#tick / span);
      for (let i = 1; i <= slots; i++) {
        const head = this.#heads[level * slots + ((from + i) & (slots - 1))] as WheelTimer;
        if (head.next === head) continue;
        nearest = Math.min(nearest, (from + i) * span);
        break;
      }
      span *= slots;
    }
    return nearest;
  }
}

function append(head: WheelTimer, timer: WheelTimer): void {
  const last = head.previous as WheelTimer;
  last.next = timer;
  timer.previous = last;
  timer.next = head;
  head.previous = timer;
}

function unlink(timer: WheelTimer): void {
  const next = timer.next as WheelTimer;
  const previous = timer.previous as WheelTimer;
  previous.next = next;
  next.previous = previous;
}

function move(timer: WheelTimer, head: WheelTimer): void {
  unlink(timer);
  append(head, timer);
}
