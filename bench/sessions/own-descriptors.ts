// For `node --import` before Ballast: every worker thread gets a table of descriptors of its own once
// it is ready (unshare(2) with CLONE_FILES), and the process counts with as many sessions as that
// makes room for. The limit on descriptors is one for each table. So a machine whose limit cannot be
// raised can hold many sessions in one Ballast. For the listing benchmark only: reloads, dead workers
// and maxconn need the one table that threads share.
import { isMainThread, parentPort } from "node:worker_threads";
import koffi from "koffi";
import type { Descriptors as DescriptorsType } from "../../dist/control/descriptors.js";

const cloneFiles = 0x400;

if (isMainThread) {
  const built = new URL("../../../dist/control/descriptors.js", import.meta.url).href;
  const { Descriptors } = (await import(built)) as { Descriptors: typeof DescriptorsType };
  const { prototype } = Descriptors;
  const ofOneTable = Reflect.get(prototype, "sessionsMax");
  prototype.sessionsMax = function sessionsOfAllTables(plan): number {
    return ofOneTable.call(this, plan) * this.workers;
  };
} else if (parentPort !== null) {
  const port = parentPort;
  const unshare = koffi.load(null).func("int unshare(int)");
  const post = port.postMessage.bind(port);
  // What both sides wake each other by is open before, and so it is in both tables.
  port.postMessage = (message: { readonly type?: string }, transfer): void => {
    if (message.type === "ready" && unshare(cloneFiles) !== 0) throw new Error("unshare failed");
    post(message, transfer as ArrayBuffer[]);
  };
}
