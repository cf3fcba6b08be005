// What spans several keys of http mode, frontend by frontend and backend by backend: error pages,
// limits, rewrites, routes. semantics.ts calls it; the parts are in files of their own.
import { builtin } from "./builtin.ts";
import { isHeaderName } from "./check-values.ts";
import { checkCookie } from "./cookie-semantics.ts";
import type { FaultList } from "./fault-list.ts";
import { headBytesMax } from "./http-limits.ts";
import { modeOf } from "./mode-semantics.ts";
import type { PageFiles } from "./page-files.ts";
import type { Path } from "./problem.ts";
import { parseSize } from "./quantities.ts";
import { quoted } from "./reading.ts";
import { checkRewrites, headerFault } from "./rewrite-semantics.ts";
import { checkRoutes, checkWeights } from "./route-semantics.ts";
import { entriesAt, findNode, keyOffset, type TreeNode } from "./tree.ts";

/** Faults of what `root` says of http mode, in `faults`. */
export function checkHttp(root: TreeNode, faults: FaultList, files: PageFiles): void {
  checkShared(root, ["defaults"], faults, files);
  for (const frontend of entriesAt(root, ["frontends"]).keys()) {
    const path = ["frontends", frontend];
    checkShared(root, path, faults, files);
    checkWeights(root, [...path, "backend"], faults);
    checkRewrites(root, path, faults);
    checkRoutes(root, path, modeOf(root, frontend), faults);
  }
  for (const backend of entriesAt(root, ["backends"]).keys()) {
    checkRewrites(root, ["backends", backend], faults);
    checkCookie(root, backend, faults);
  }
}

function checkShared(root: TreeNode, path: Path, faults: FaultList, files: PageFiles): void {
  for (const [status, { keyOffset: offset }] of entriesAt(root, [...path, "errors"])) {
    const place = [...path, "errors", status];
    if (!/^[45][0-9]{2}$/.test(status)) {
      const hint = "Write one from 400 to 599.";
      faults.error(offset, place, `${quoted(status)} is not the status of an error`, hint);
    }
    checkPage(root, place, faults, files);
  }
  checkLimits(root, [...path, "limits"], faults);
  const place = [...path, "requestId"];
  const name = findNode(root, place);
  // What is no name at all, the schema refuses.
  if (typeof name?.value !== "string" || !isHeaderName(name.value)) return;
  const fault = headerFault(name.value, "request");
  if (fault) faults.error(name.offset, place, fault.message, fault.hint);
}

function checkPage(root: TreeNode, path: Path, faults: FaultList, files: PageFiles): void {
  const page = findNode(root, path);
  if (!page?.entries) return;
  const file = page.entries.get("file")?.node;
  const hint = "Write one of them.";
  if (page.entries.has("body")) {
    if (file) faults.error(page.offset, path, "body and file stand here both", hint);
    return;
  }
  if (!file) {
    const message = "this page has neither body nor file";
    faults.lack(page.offset, path, ["body", "file"], message, hint);
    return;
  }
  if (typeof file.value !== "string" || file.value === "" || file.value.includes("\0")) return;
  const reading = files.read(file.value);
  if (!reading.ok) faults.error(file.offset, [...path, "file"], reading.message, reading.hint);
}

function checkLimits(root: TreeNode, path: Path, faults: FaultList): void {
  const own = findNode(root, [...path, "uriLength"]);
  const sizeOf = (key: "headSize" | "uriLength"): number => {
    const written = findNode(root, [...path, key]) ?? findNode(root, ["defaults", "limits", key]);
    const reading = parseSize(written?.value ?? builtin.limits[key], 0, headBytesMax);
    return reading.ok ? reading.value : 0;
  };
  const head = sizeOf("headSize");
  if (!own || head === 0 || sizeOf("uriLength") <= head) return;
  const place = [...path, "uriLength"];
  const message = "uriLength is more than headSize, which holds first";
  faults.warn(keyOffset(root, place), place, message, "Write a larger headSize, too.");
}
