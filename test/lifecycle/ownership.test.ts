// A thread that is ended between a system call that opens a descriptor and the note of whose it
// is would leak it. Here threads do nothing but open and close, so that nearly every end falls
// there; what is noted is closed, as the control plane does it, and nothing may be left.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { Descriptors } from "../../dist/control/descriptors.js";
import { openDescriptors } from "../support/library.ts";
import { until, untilSteady } from "../support/until.ts";

const module = (name: string): string => new URL(`../../dist/${name}.js`, import.meta.url).href;

/** Opens and closes one of each kind, again and again; never returns. */
const churn = `
  import { workerData, parentPort } from "node:worker_threads";
  import { Ownership } from "${module("reactor/epoll/ownership")}";
  import * as C from "${module("sys/constants")}";
  import { Memory } from "${module("sys/memory")}";
  const ownership = new Ownership(new Uint8Array(workerData), 0);
  const pair = new Memory(8);
  parentPort.postMessage("runs");
  for (;;) {
    const descriptors = [ownership.socket(C.AF_UNIX, C.SOCK_STREAM), ownership.eventfd()];
    ownership.pipe(pair);
    descriptors.push(pair.int32[0], pair.int32[1], ownership.epoll());
    for (const descriptor of descriptors) ownership.close(descriptor);
  }
`;

test("a thread that ends anywhere leaves no descriptor that is nobody's", async () => {
  const descriptors = await Descriptors.open("epoll", 1);
  const script = new URL(`data:text/javascript,${encodeURIComponent(churn)}`);
  const run = async (): Promise<void> => {
    const worker = new Worker(script, { workerData: descriptors.owners });
    await once(worker, "message");
    await worker.terminate();
    await descriptors.closeOf(0, -1);
  };
  await run();
  const before = await untilSteady("descriptors", openDescriptors);
  for (let i = 0; i < 100; i++) await run();
  await until(`${before} descriptors again`, () => openDescriptors() <= before);
  expect(openDescriptors()).toBe(before);
}, 60_000);
