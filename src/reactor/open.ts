// Opens a reactor by its kind. The implementations are loaded only when chosen: where there is no
// epoll, nothing may even try to bind its system calls.
import type { ReactorKind } from "../config/plan.ts";
import type { Reactor, ReactorHandler } from "./reactor.ts";

export interface OpenOptions {
  /** Shared by all threads, by descriptor: 1 + its owner. Reactors without descriptors ignore it. */
  readonly owners: Uint8Array;
  readonly owner: number;
  /** Pipes, and descriptors held back for connects, at most. */
  readonly spare: number;
}

export async function openReactor(
  kind: ReactorKind,
  handler: ReactorHandler,
  options: OpenOptions,
): Promise<Reactor> {
  if (kind === "epoll") {
    const { EpollReactor } = await import("./epoll/epoll-reactor.ts");
    return new EpollReactor(handler, options);
  }
  const { NodeReactor } = await import("./node/node-reactor.ts");
  return new NodeReactor(handler);
}
