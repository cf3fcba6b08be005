// What is wanted of certificates.ts: binds and servers with TLS, by name; and what it has found for
// each. Types, and the files that each has to do with.
import { dirname, isAbsolute } from "node:path";
import type { BindMaterial, ServerMaterial } from "../../config/tls-material.ts";
import type { BindTlsPlan, CertificateMaterial, ServerTlsPlan } from "../../config/tls-plan.ts";

/** Keys are the caller's: they name the bind or server in messages, and come back with changes. */
export interface TlsBind {
  readonly key: string;
  readonly tls: BindTlsPlan;
}

export interface TlsServer {
  readonly key: string;
  readonly tls: ServerTlsPlan;
}

export type Wanted =
  | (TlsBind & { readonly kind: "bind" })
  | (TlsServer & { readonly kind: "server" });

/** What was read for one of them. */
export type Found = (
  | { readonly kind: "bind"; readonly material: BindMaterial }
  | { readonly kind: "server"; readonly material: ServerMaterial }
) & {
  /** Those with keys of our own: on a bind all, with a server none or one. */
  readonly certificates: readonly CertificateMaterial[];
  /** Where the system's roots are, when they count: a file, or another word. Empty: they do not. */
  readonly roots: string;
};

/** A material that has changed while it was in force. */
export type TlsChange =
  | { readonly kind: "bind"; readonly key: string; readonly material: BindMaterial }
  | { readonly kind: "server"; readonly key: string; readonly material: ServerMaterial };

/** Absolute paths. */
export interface WantedPaths {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** All that a reading depends on; `roots` is what it says of them, or empty before. */
export function pathsOf(wanted: Wanted, roots: string): WantedPaths {
  const { files, folders } = wanted.kind === "bind" ? ofBind(wanted) : ofServer(wanted);
  if (isAbsolute(roots)) files.push(roots);
  return { files: [...new Set(files)], folders };
}

function ofBind({ tls }: TlsBind): { files: string[]; folders: string[] } {
  const files: (string | null)[] = [tls.clientAuth?.ca ?? null, tls.clientAuth?.crl ?? null];
  const folders: string[] = [];
  for (const source of tls.certificates) {
    if (source.kind === "folder") folders.push(source.folder);
    else files.push(source.cert, source.key, source.ocsp === "fetch" ? null : source.ocsp);
  }
  return { files: files.filter((file) => file !== null), folders };
}

function ofServer({ tls }: TlsServer): { files: string[]; folders: string[] } {
  const files = [tls.verify ? tls.ca : null, tls.cert, tls.key];
  return { files: files.filter((file) => file !== null), folders: [] };
}

/** The folders in which something happens when one of these changes. */
export function foldersAround({ files, folders }: WantedPaths): string[] {
  return [...files.map((file) => dirname(file)), ...folders];
}
