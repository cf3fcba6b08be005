// What spans several keys of TLS with servers, of a backend, its servers and their checks: keys without
// a certificate, versions, names, what is not verified. tls-semantics.ts calls it for each backend.
import { parseServerAddress } from "./address-syntax.ts";
import { builtin } from "./builtin.ts";
import type { FaultList } from "./fault-list.ts";
import type { Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { checkHttpAlpn, checkProtocol } from "./tls-protocol-semantics.ts";
import { entriesAt, findNode, keyOffset, type TreeNode } from "./tree.ts";

const defaults = { protocol: builtin.serverTls, of: "", ciphersAreOld: true };

/** Faults of the TLS of `backend`, in `faults`. `isHttp`: a frontend in http mode may use it. */
export function checkServerTls(
  root: TreeNode,
  backend: string,
  isHttp: boolean,
  faults: FaultList,
): void {
  const place = ["backends", backend];
  const common = findNode(root, [...place, "tls"]);
  const commonCheck = findNode(root, [...place, "check", "tls"]);
  const traffic = (path: Path, layers: readonly (TreeNode | null)[]): void => {
    checkSettings(path, layers, faults);
    const alpn = layers.at(-1)?.entries?.get("alpn")?.node;
    if (isHttp) checkHttpAlpn(alpn, [...path, "alpn"], faults);
    checkTrust(layers.at(-1) ?? null, path, faults);
  };
  traffic([...place, "tls"], [common]);
  checkCheck(root, [...place, "check"], [common, commonCheck], faults);
  for (const [server, { node }] of entriesAt(root, [...place, "servers"])) {
    const path = [...place, "servers", server];
    const own = node.entries?.get("tls")?.node ?? null;
    traffic([...path, "tls"], [common, own]);
    checkName(node, path, [common, own], faults);
    const check = findNode(root, [...path, "check", "tls"]);
    checkCheck(root, [...path, "check"], [common, own, commonCheck, check], faults);
  }
}

/** Of the last of `layers`, which stands at `path`. */
function checkSettings(path: Path, layers: readonly (TreeNode | null)[], faults: FaultList): void {
  const entries = layers.at(-1)?.entries;
  if (!entries) return;
  const written = layers.filter((layer) => layer !== null);
  checkProtocol(written, path, defaults, faults);
  if (entries.has("cert")) return;
  for (const key of ["key", "passphrase"]) {
    const entry = entries.get(key);
    if (!entry) continue;
    const message = `${quoted(key)} belongs to cert, and there is none here`;
    faults.error(entry.keyOffset, [...path, key], message, "Write cert beside it, or remove it.");
  }
}

function checkTrust(tls: TreeNode | null, path: Path, faults: FaultList): void {
  const verify = tls?.entries?.get("verify");
  if (verify?.node.value !== false) return;
  const message =
    "the server's certificate is not verified, so whoever answers in its place is believed";
  const hint = "Write ca: FILE with who signed it, and remove verify.";
  faults.warn(verify.keyOffset, [...path, "verify"], message, hint);
  const ca = tls?.entries?.get("ca");
  if (!ca) return;
  const place = [...path, "ca"];
  faults.warn(ca.keyOffset, place, "ca has no effect with verify: false", "Remove one of them.");
}

/** The path of a unix socket is nothing that a certificate could be for. */
function checkName(
  server: TreeNode,
  path: Path,
  layers: readonly (TreeNode | null)[],
  faults: FaultList,
): void {
  const address = server.entries?.get("address")?.node ?? server;
  const reading = parseServerAddress(address.value);
  if (!reading.ok || reading.value.family !== "unix") return;
  const written = layers.filter((layer) => layer !== null);
  const last = written.at(-1);
  const isOn = last?.entries || last?.value === true || last?.value === "on";
  if (!isOn || written.some((layer) => layer.entries?.has("serverName"))) return;
  const verify = written.findLast((layer) => layer.entries?.has("verify"))?.entries?.get("verify");
  if (verify?.node.value === false) return;
  const message = "a unix socket has no name that a certificate could be for";
  const place = server.entries ? [...path, "address"] : path;
  faults.error(address.offset, place, message, "Add serverName to tls.");
}

function checkCheck(
  root: TreeNode,
  path: Path,
  layers: readonly (TreeNode | null)[],
  faults: FaultList,
): void {
  if (!entriesAt(root, path).has("tls")) return;
  const place = [...path, "tls"];
  checkSettings(place, layers, faults);
  if (!entriesAt(root, path).has("exec")) return;
  const message = "tls has no effect beside exec: the program speaks for itself";
  faults.warn(keyOffset(root, place), place, message, "Remove it.");
}
