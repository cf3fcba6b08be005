// The files that TLS settings name, with their absolute paths and where they stand: certificates of binds
// and of our own, CAs, lists of revoked ones. tls-semantics.ts goes through them; nothing is read here.
import { bindItemsOf } from "./binds.ts";
import { certificateSource } from "./certificate-source.ts";
import type { PageFiles } from "./page-files.ts";
import type { Path } from "./problem.ts";
import type { CertificateKeys } from "./tls-config.ts";
import type { CertificateSource } from "./tls-plan.ts";
import { readTlsPath } from "./tls-values.ts";
import { entriesAt, findNode, type TreeNode } from "./tree.ts";

/** Where a setting stands, and what it names. */
export type TlsFile = { readonly offset: number; readonly path: Path } & (
  | {
      /** Shown to clients, or by us to a server. */
      readonly use: "certificate" | "clientCertificate";
      readonly source: CertificateSource;
    }
  | { readonly use: "ca" | "crl"; readonly file: string }
);

/** All of them, as far as they can be understood. */
export function tlsFilesOf(root: TreeNode, files: PageFiles): TlsFile[] {
  const found: TlsFile[] = [];
  for (const frontend of entriesAt(root, ["frontends"]).keys()) {
    for (const { path } of bindItemsOf(root, frontend)) {
      found.push(...ofBind(root, [...path, "tls"], files));
    }
  }
  for (const backend of entriesAt(root, ["backends"]).keys()) {
    const place = ["backends", backend];
    found.push(...ofTraffic(root, place, files));
    for (const server of entriesAt(root, [...place, "servers"]).keys()) {
      found.push(...ofTraffic(root, [...place, "servers", server], files));
    }
  }
  return found;
}

function ofBind(root: TreeNode, path: Path, files: PageFiles): TlsFile[] {
  const place = [...path, "certificates"];
  const list = findNode(root, place);
  const certificates = (list?.items ?? (list ? [list] : [])).flatMap((item, index): TlsFile[] => {
    const at = { offset: item.offset, path: list?.items ? [...place, index] : place };
    if (isPath(item.value)) {
      return [{ use: "certificate", source: certificateSource(item.value, files), ...at }];
    }
    const keys = keysOf(item);
    if (keys.cert === undefined && keys.folder === undefined) return [];
    return [{ use: "certificate", source: certificateSource(keys, files), ...at }];
  });
  const clients = [...path, "clientAuth"];
  return [
    ...certificates,
    ...named(root, "ca", [...clients, "ca"], files),
    ...named(root, "crl", [...clients, "crl"], files),
  ];
}

/** Of the backend or server at `path`, and of its check. */
function ofTraffic(root: TreeNode, path: Path, files: PageFiles): TlsFile[] {
  const check = [...path, "check", "tls"];
  return [...ofServer(root, [...path, "tls"], files), ...ofServer(root, check, files)];
}

function ofServer(root: TreeNode, path: Path, files: PageFiles): TlsFile[] {
  const tls = findNode(root, path);
  const found = named(root, "ca", [...path, "ca"], files);
  const cert = tls?.entries?.get("cert");
  if (!tls || !cert || !isPath(cert.node.value)) return found;
  const source = certificateSource({ ...keysOf(tls), folder: undefined, ocsp: undefined }, files);
  const place = [...path, "cert"];
  return [...found, { use: "clientCertificate", source, offset: cert.node.offset, path: place }];
}

function named(root: TreeNode, use: "ca" | "crl", path: Path, files: PageFiles): TlsFile[] {
  const node = findNode(root, path);
  if (!node || !isPath(node.value)) return [];
  return [{ use, file: files.path(node.value), offset: node.offset, path }];
}

function keysOf(node: TreeNode): CertificateKeys {
  const entries = ["cert", "key", "passphrase", "folder", "ocsp"].flatMap((key) => {
    const value = node.entries?.get(key)?.node.value;
    return isPath(value) ? [[key, value] as const] : [];
  });
  return Object.fromEntries(entries);
}

function isPath(value: unknown): value is string {
  return readTlsPath(value).ok;
}
