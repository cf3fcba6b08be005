// The keys of session tickets: made here, the same for all workers, and replaced so often that who
// learns one can read little (RFC 8446 section 8.1: a ticket's key is as good as the sessions'). Never
// written anywhere.
import { randomBytes } from "node:crypto";
import { ticketKeyBytes, ticketKeysMax } from "../../tls/ticket-keys.ts";

/** setTimeout takes no more. */
const timeoutMsMax = 0x7fffffff;

export class TicketRing {
  #keys: readonly Uint8Array[];
  #rotationMs: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #onKeys: (keys: readonly Uint8Array[]) => void;

  /** `onKeys` is told of new ones. */
  constructor(onKeys: (keys: readonly Uint8Array[]) => void) {
    this.#keys = [randomBytes(ticketKeyBytes)];
    this.#rotationMs = Infinity;
    this.#timer = undefined;
    this.#onKeys = onKeys;
  }

  /** Newest first. */
  get keys(): readonly Uint8Array[] {
    return this.#keys;
  }

  /** A new key so often; Infinity: nobody uses them. */
  rotate(everyMs: number): void {
    if (everyMs === this.#rotationMs) return;
    this.#rotationMs = everyMs;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (everyMs === Infinity) return;
    this.#timer = setInterval(() => this.#renew(), Math.min(everyMs, timeoutMsMax)).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #renew(): void {
    this.#keys = [randomBytes(ticketKeyBytes), ...this.#keys].slice(0, ticketKeysMax);
    this.#onKeys(this.#keys);
  }
}
