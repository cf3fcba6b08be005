// What spans several keys of `hsts`: what the lists for preloading ask, and whether anything is ever sent
// over TLS. tls-semantics.ts calls it for frontends in http mode.
import { believesProxies, tlsBindsOf } from "./binds.ts";
import { builtin, preloadAgeMinMs } from "./builtin.ts";
import type { FaultList } from "./fault-list.ts";
import { readHstsAge } from "./hsts-schema.ts";
import { findNode, keyOffset, type TreeNode } from "./tree.ts";

/** Faults of the `hsts` of a frontend, in `faults`. */
export function checkHsts(root: TreeNode, frontend: string, faults: FaultList): void {
  const path = ["frontends", frontend, "hsts"];
  const hsts = findNode(root, path);
  if (!hsts || hsts.value === false || hsts.value === "off") return;
  if (tlsBindsOf(root, frontend).withTls === 0 && !believesProxies(root, frontend)) {
    const message = "no bind of this frontend has tls, so no browser is told";
    faults.warn(keyOffset(root, path), path, message, "Add tls to a bind, or remove it.");
  }
  const preload = hsts.entries?.get("preload");
  if (preload?.node.value !== true) return;
  const age = readHstsAge(hsts.entries?.get("maxAge")?.node.value ?? builtin.hsts.maxAge);
  const below = hsts.entries?.get("includeSubdomains")?.node.value === true;
  if (below && (!age.ok || age.value >= preloadAgeMinMs)) return;
  const message = below
    ? "the lists for preloading take no maxAge below 365d"
    : "the lists for preloading take no host without includeSubdomains";
  const hint = below ? "Write maxAge: 365d." : "Add includeSubdomains: true.";
  faults.error(preload.keyOffset, [...path, "preload"], message, hint);
}
