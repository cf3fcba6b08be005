// Wakes a reactor that runs in another thread. Called by the control plane after it has posted a
// message, and by data-plane threads that never return to their event loop, so it is synchronous.
// The node reactor must work where no system call can be made: the binding is optional here.
import { BroadcastChannel } from "node:worker_threads";
import type { Waker } from "./reactor.ts";

type Signal = (descriptor: number) => void;

let loadError: unknown = null;
// At import and not at the first wake(): a thread that blocks in its reactor would never see a
// later import() settle.
const signal: Signal | null = process.platform === "linux" ? await loadSignal() : null;

const channels = new Map<string, BroadcastChannel>();

/**
 * Makes the reactor that `waker` belongs to call onWake() in a turn soon; from any thread, also its
 * own. Throws when an eventfd waker reaches a process that cannot make system calls.
 */
export function wake(waker: Waker): void {
  if (waker.kind === "channel") {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a window's
    channelTo(waker.name).postMessage(null);
    return;
  }
  if (signal === null) throw new Error("eventfd cannot be used here", { cause: loadError });
  signal(waker.descriptor);
}

function channelTo(name: string): BroadcastChannel {
  let channel = channels.get(name);
  if (channel === undefined) {
    channel = new BroadcastChannel(name);
    channel.unref();
    channels.set(name, channel);
  }
  return channel;
}

async function loadSignal(): Promise<Signal | null> {
  try {
    return (await import("../sys/eventfd.ts")).signal;
  } catch (error) {
    loadError = error;
    return null;
  }
}
