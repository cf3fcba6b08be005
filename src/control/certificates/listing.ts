// The certificates in force as a list, for the admin API: each file once, without keys.
import type { CertificateMaterial } from "../../config/tls-plan.ts";
import type { Loaded } from "./loaded.ts";

export interface ListedCertificate extends Pick<
  CertificateMaterial,
  "file" | "names" | "keyType" | "notAfterMs"
> {
  /** Keys of the binds that have it. */
  readonly binds: readonly string[];
  /** Keys of the servers that it is shown to. */
  readonly servers: readonly string[];
}

/** By file. */
export function listingOf({ entries }: Loaded): readonly ListedCertificate[] {
  const rows = new Map<string, ListedCertificate & { binds: string[]; servers: string[] }>();
  for (const { wanted, found } of entries) {
    for (const { file, names, keyType, notAfterMs } of found.certificates) {
      const row = rows.get(file) ?? { file, names, keyType, notAfterMs, binds: [], servers: [] };
      rows.set(file, row);
      const keys = wanted.kind === "bind" ? row.binds : row.servers;
      if (!keys.includes(wanted.key)) keys.push(wanted.key);
    }
  }
  return [...rows.values()].toSorted((one, other) => (one.file < other.file ? -1 : 1));
}
