// What spans several keys of a backend's cookie: values that two servers share, attributes that have
// no effect in its mode. http-semantics.ts calls it.
import { builtin } from "./builtin.ts";
import { cookieValueOf } from "./cookie-value.ts";
import type { FaultList } from "./fault-list.ts";
import { quoted } from "./reading.ts";
import { entriesAt, findNode, keyOffset, type TreeNode } from "./tree.ts";

/** By mode, the keys that say something there; `name` and `mode` aside. */
const useful: Readonly<Record<string, readonly string[]>> = {
  rewrite: ["nocache"],
  prefix: ["nocache"],
  passive: [],
};

/** Faults of the cookie of `backend` and of its servers' values, in `faults`. */
export function checkCookie(root: TreeNode, backend: string, faults: FaultList): void {
  const path = ["backends", backend, "cookie"];
  const cookie = findNode(root, path);
  const mode = cookie?.entries?.get("mode")?.node.value ?? builtin.cookie.mode;
  if (typeof mode === "string" && Object.hasOwn(useful, mode)) {
    for (const [key, { keyOffset: offset }] of cookie?.entries ?? []) {
      if (key === "name" || key === "mode" || useful[mode]?.includes(key)) continue;
      const message = `${quoted(key)} has no effect in mode: ${mode}`;
      faults.warn(offset, [...path, key], message, "Remove it, or write mode: insert.");
    }
  }
  const entries = cookie?.entries;
  if (entries?.get("sameSite")?.node.value === "None" && !isTrue(entries.get("secure")?.node)) {
    const message = "browsers refuse a cookie with sameSite: None that is not secure";
    const place = [...path, "sameSite"];
    faults.warn(keyOffset(root, place), place, message, "Add secure: true.");
  }
  checkValues(root, backend, cookie !== null, faults);
}

function checkValues(root: TreeNode, backend: string, hasCookie: boolean, faults: FaultList): void {
  const path = ["backends", backend, "servers"];
  const owners = new Map<string, string>();
  for (const [server, { node }] of entriesAt(root, path)) {
    const own = node.entries?.get("cookie");
    const place = [...path, server, "cookie"];
    if (own && !hasCookie) {
      const message = `backend ${quoted(backend)} has no cookie, so this has no effect`;
      faults.warn(own.keyOffset, place, message, "Add cookie: SRV to the backend, or remove it.");
    }
    const value = own ? writtenValue(own.node) : cookieValueOf(backend, server);
    if (value === "") continue;
    const owner = owners.get(value);
    owners.set(value, owner ?? server);
    if (owner === undefined) continue;
    const offset = own?.node.offset ?? node.offset;
    const message = `${quoted(value)} stands for server ${quoted(owner)} already`;
    faults.error(offset, own ? place : [...path, server], message, "Choose another value.");
  }
}

/** "" for what the schema refuses. */
function writtenValue({ value }: TreeNode): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function isTrue(node: TreeNode | undefined): boolean {
  return node?.value === true;
}
