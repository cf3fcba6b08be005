// Stands for a socket that could not listen, until its owner has been told: from a turn, like all.
import type { SocketAddress } from "../../config/address.ts";
import type { Listener, ListenHandler, Reason } from "../reactor.ts";
import type { Poll } from "./poll.ts";

export class FailedListener implements Listener {
  readonly address: SocketAddress;
  readonly #poll: Poll;
  readonly #handler: ListenHandler;
  #closing: boolean;

  constructor(
    poll: Poll,
    address: SocketAddress,
    handler: ListenHandler,
    reason: Reason,
    message: string,
  ) {
    this.address = address;
    this.#poll = poll;
    this.#handler = handler;
    this.#closing = false;
    poll.later.push(() => {
      if (!this.#closing) handler.onListenFail(this, reason, message);
    });
  }

  resume(): void {}

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#poll.later.push(() => this.#handler.onClosed(this));
  }
}
