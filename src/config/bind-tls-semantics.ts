// What spans several keys of `tls` on a bind: certificates, versions, protocols, sessions, certificates of
// clients. tls-semantics.ts calls it for each frontend.
import { bindItemsOf } from "./binds.ts";
import { builtin, sessionTimeoutMaxMs } from "./builtin.ts";
import { parseDuration } from "./duration.ts";
import type { FaultList } from "./fault-list.ts";
import type { Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { tlsProfiles } from "./tls-profiles.ts";
import { checkHttpAlpn, checkProtocol } from "./tls-protocol-semantics.ts";
import type { TreeNode } from "./tree.ts";

const preset = builtin.bindTls;

/** Faults of the TLS of a frontend's binds, in `faults`. */
export function checkBindTls(
  root: TreeNode,
  frontend: string,
  mode: unknown,
  faults: FaultList,
): void {
  for (const { node, path } of bindItemsOf(root, frontend)) {
    const tls = node.entries?.get("tls")?.node;
    if (!tls?.entries) continue;
    const place = [...path, "tls"];
    checkCertificates(tls, [...place, "certificates"], faults);
    checkVersions(tls, place, faults);
    const alpn = tls.entries.get("alpn")?.node;
    if (mode === "http") checkHttpAlpn(alpn, [...place, "alpn"], faults);
    checkSessions(tls, place, faults);
    checkClientAuth(tls, [...place, "clientAuth"], faults);
  }
}

function checkCertificates(tls: TreeNode, path: Path, faults: FaultList): void {
  const list = tls.entries?.get("certificates")?.node;
  for (const [index, item] of (list?.items ?? (list ? [list] : [])).entries()) {
    if (!item.entries) continue;
    const place = list?.items ? [...path, index] : path;
    const folder = item.entries.has("folder");
    if (!folder && !item.entries.has("cert")) {
      const message = "this certificate has neither cert nor folder";
      faults.lack(item.offset, place, ["cert", "folder"], message, "Write one of them.");
      continue;
    }
    if (!folder) continue;
    for (const key of ["cert", "key", "passphrase"]) {
      const entry = item.entries.get(key);
      if (!entry) continue;
      const message = `${quoted(key)} is for one certificate, and this is a folder of them`;
      const hint = "Remove it, or write an item of its own for that certificate.";
      faults.error(entry.keyOffset, [...place, key], message, hint);
    }
    const ocsp = item.entries.get("ocsp")?.node;
    if (typeof ocsp?.value !== "string" || ocsp.value === "fetch") continue;
    const message = "a file has the response for one certificate, and this is a folder of them";
    const hint = "Write ocsp: fetch, or put NAME.ocsp beside each NAME.pem there.";
    faults.error(ocsp.offset, [...place, "ocsp"], message, hint);
  }
}

function checkVersions(tls: TreeNode, path: Path, faults: FaultList): void {
  const written = tls.entries?.get("profile")?.node.value ?? preset.profile;
  if (written !== "modern" && written !== "intermediate" && written !== "old") return;
  const defaults = {
    protocol: tlsProfiles[written],
    of: ` of profile: ${written}`,
    ciphersAreOld: written === "old",
  };
  checkProtocol([tls], path, defaults, faults);
}

function checkSessions(tls: TreeNode, path: Path, faults: FaultList): void {
  const rotation = tls.entries?.get("ticketRotation");
  if (tls.entries?.get("sessionTickets")?.node.value === false) {
    if (!rotation) return;
    const message = "ticketRotation has no effect without sessionTickets";
    faults.warn(rotation.keyOffset, [...path, "ticketRotation"], message, "Remove it.");
    return;
  }
  const timeout = tls.entries?.get("sessionTimeout");
  const written = timeout ? "sessionTimeout" : "ticketRotation";
  const offset = (timeout ?? rotation)?.keyOffset;
  const lasts = parseDuration(timeout?.node.value ?? preset.sessionTimeout, sessionTimeoutMaxMs);
  const turns = parseDuration(rotation?.node.value ?? preset.ticketRotation);
  if (offset === undefined || !lasts.ok || !turns.ok || turns.value === 0) return;
  if (lasts.value <= turns.value) return;
  const message = "sessionTimeout is longer than ticketRotation, so some tickets end before it";
  const hint = "Write a shorter sessionTimeout, or a longer ticketRotation.";
  faults.warn(offset, [...path, written], message, hint);
}

function checkClientAuth(tls: TreeNode, path: Path, faults: FaultList): void {
  const auth = tls.entries?.get("clientAuth")?.node;
  const require = auth?.entries?.get("require");
  const isOptional = auth?.entries?.get("optional")?.node.value === true;
  if (!require) return;
  const place = [...path, "require"];
  if (require.node.value === true && isOptional) {
    const message = "require and optional stand here both";
    faults.error(require.keyOffset, place, message, "Write one of them.");
  } else if (require.node.value === false && !isOptional) {
    const message = "require: false leaves open whether clients are asked";
    const hint = "Write optional: true to ask them, or remove clientAuth.";
    faults.error(require.keyOffset, place, message, hint);
  }
}
