// What spans several keys of TLS, frontend by frontend and backend by backend, and the files that it
// names. semantics.ts calls it; the parts are in files of their own.
import { checkBindTls } from "./bind-tls-semantics.ts";
import type { FaultList } from "./fault-list.ts";
import { checkHsts } from "./hsts-semantics.ts";
import { modeOf, usersOf } from "./mode-semantics.ts";
import type { PageFiles } from "./page-files.ts";
import { checkRouteTls } from "./route-tls-semantics.ts";
import { checkServerTls } from "./server-tls-semantics.ts";
import { checkTlsFiles } from "./tls-file-semantics.ts";
import { tlsFilesOf } from "./tls-files.ts";
import { entriesAt, type TreeNode } from "./tree.ts";

/** Faults of what `root` says of TLS, in `faults`. */
export function checkTls(root: TreeNode, faults: FaultList, files: PageFiles): void {
  for (const frontend of entriesAt(root, ["frontends"]).keys()) {
    const mode = modeOf(root, frontend);
    checkBindTls(root, frontend, mode, faults);
    if (mode !== "http") continue;
    checkHsts(root, frontend, faults);
    checkRouteTls(root, frontend, faults);
  }
  const ofHttp = usersOf(root, "http");
  for (const backend of entriesAt(root, ["backends"]).keys()) {
    checkServerTls(root, backend, ofHttp.has(backend), faults);
  }
  checkTlsFiles(tlsFilesOf(root, files), faults);
}
