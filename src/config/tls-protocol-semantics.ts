// What spans several keys of the protocol itself, with clients and with servers alike: versions that do
// not fit, lists that have no effect, protocols that http mode does not speak. bind-tls-semantics.ts and
// server-tls-semantics.ts call it.
import type { FaultList } from "./fault-list.ts";
import { isLaterValue } from "./later.ts";
import type { Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import type { TlsProtocol, TlsVersion } from "./tls-plan.ts";
import { outdatedLevel } from "./tls-profiles.ts";
import { readTlsVersion, tlsVersions } from "./tls-values.ts";
import type { TreeNode } from "./tree.ts";

/** What holds of the keys that are not written, and what that is called in a message. */
export interface ProtocolPreset {
  readonly protocol: Pick<TlsProtocol, "minVersion" | "maxVersion">;
  /** ` of profile: modern`; empty for the built-in defaults. */
  readonly of: string;
  /** Ciphers that are not written work with old versions, too. */
  readonly ciphersAreOld: boolean;
}

/** Faults of the settings at `path`, the last of `layers`; it replaces keys of those before it. */
export function checkProtocol(
  layers: readonly TreeNode[],
  path: Path,
  preset: ProtocolPreset,
  faults: FaultList,
): void {
  const own = layers.at(-1)?.entries;
  if (!own) return;
  const version = (key: "minVersion" | "maxVersion"): TlsVersion | null => {
    const written = writtenIn(layers, key);
    if (written === undefined) return preset.protocol[key];
    const reading = readTlsVersion(written);
    return reading.ok ? reading.value : null;
  };
  const oldest = version("minVersion");
  const newest = version("maxVersion");
  if (oldest === null || newest === null) return;
  const at = (key: string): [number, Path] | null => {
    const entry = own.get(key);
    return entry ? [entry.keyOffset, [...path, key]] : null;
  };
  if (rank(oldest) > rank(newest)) {
    const place = at("maxVersion") ?? at("minVersion") ?? at("profile");
    if (!place) return;
    const whose = (key: string): string => (writtenIn(layers, key) === undefined ? preset.of : "");
    const message =
      `minVersion ${oldest}${whose("minVersion")} is above ` +
      `maxVersion ${newest}${whose("maxVersion")}`;
    faults.error(...place, message, "Write a higher maxVersion, or a lower minVersion.");
    return;
  }
  const ciphers = at("ciphers");
  if (ciphers && rank(oldest) > rank("TLSv1.2")) {
    const message = `"ciphers" has no effect: TLSv1.3 has ciphersuites, and minVersion is ${oldest}`;
    faults.warn(...ciphers, message, "Write ciphersuites, or remove it.");
  }
  const suites = at("ciphersuites");
  if (suites && rank(newest) < rank("TLSv1.3")) {
    const message = `"ciphersuites" has no effect: it is about TLSv1.3, and maxVersion is ${newest}`;
    faults.warn(...suites, message, "Write ciphers, or remove it.");
  }
  const place = ciphers ?? at("minVersion");
  if (place && rank(oldest) < rank("TLSv1.2")) {
    checkOutdated(writtenIn(layers, "ciphers"), oldest, place, preset, faults);
  }
}

function rank(version: TlsVersion): number {
  return tlsVersions.indexOf(version);
}

function checkOutdated(
  ciphers: unknown,
  oldest: TlsVersion,
  place: [number, Path],
  preset: ProtocolPreset,
  faults: FaultList,
): void {
  if (ciphers === undefined) {
    if (preset.ciphersAreOld) return;
    const message = `no cipher${preset.of} works with ${oldest}, so nobody can speak it`;
    faults.warn(...place, message, "Write profile: old, or ciphers that do.");
    return;
  }
  const words = [ciphers].flat().map((list) => (typeof list === "string" ? list.split(":") : []));
  if (words.flat().includes(outdatedLevel)) return;
  const message = `OpenSSL speaks ${oldest} only where ciphers has ${outdatedLevel}`;
  faults.warn(...place, message, `Add ${outdatedLevel} to ciphers, or write minVersion: TLSv1.2.`);
}

/** What the last of `layers` says that says it. */
function writtenIn(layers: readonly TreeNode[], key: string): unknown {
  return layers.findLast((layer) => layer.entries?.has(key))?.entries?.get(key)?.node.value;
}

/** Protocols that http mode can speak behind TLS. */
const httpProtocols = ["http/1.1", "http/1.0"];

/** Faults of an `alpn` where requests go through. */
export function checkHttpAlpn(node: TreeNode | undefined, path: Path, faults: FaultList): void {
  for (const [index, { value, offset }] of (node?.items ?? (node ? [node] : [])).entries()) {
    if (typeof value !== "string" || httpProtocols.includes(value)) continue;
    const place = node?.items ? [...path, index] : path;
    const message = isLaterValue(path, value)
      ? `this version of Ballast does not have ${quoted(`alpn: ${value}`)} yet`
      : `${quoted(value)} is no protocol of mode: http`;
    faults.error(offset, place, message, `It has ${httpProtocols.join(", ")}.`);
  }
}
