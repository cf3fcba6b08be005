// What routes of http mode say of TLS: redirects to https, and what the client asked for. Whether a
// request can ever be so depends on the frontend's binds. tls-semantics.ts calls it for each frontend.
import { believesProxies, tlsBindsOf } from "./binds.ts";
import type { FaultList } from "./fault-list.ts";
import { quoted } from "./reading.ts";
import { findNode, keyOffset, type TreeNode } from "./tree.ts";

/** Faults of the routes of `frontend`, in `faults`. */
export function checkRouteTls(root: TreeNode, frontend: string, faults: FaultList): void {
  const list = ["frontends", frontend, "routes"];
  const binds = tlsBindsOf(root, frontend);
  const neverPlain = binds.withoutTls === 0 && !believesProxies(root, frontend);
  for (const index of (findNode(root, list)?.items ?? []).keys()) {
    const match = [...list, index, "match"];
    for (const key of ["sni", "alpn"]) {
      const path = [...match, key];
      if (binds.withTls > 0 || !findNode(root, path)) continue;
      const message = `no bind of this frontend has tls, so no request has ${quoted(key)}`;
      faults.warn(keyOffset(root, path), path, message, "Add tls to a bind, or remove it.");
    }
    const path = [...list, index, "redirect", "scheme"];
    if (!neverPlain || !findNode(root, path)) continue;
    const message = "every bind of this frontend has tls, so no request matches this route";
    const hint = "Move it to the frontend that listens without TLS, or remove it.";
    faults.warn(keyOffset(root, path), path, message, hint);
  }
}
