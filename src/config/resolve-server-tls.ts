// TLS with a server: what the server says over what its backend says, key by key, and for a check what
// the check says over both. resolve-backend.ts and resolve-check.ts call it; it finds no mistakes.
import type { ServerAddress } from "./address-syntax.ts";
import { builtin } from "./builtin.ts";
import { given } from "./inherited.ts";
import type { PageFiles } from "./page-files.ts";
import type { ServerTlsConfig } from "./tls-config.ts";
import type { ServerTlsPlan, TlsVersion } from "./tls-plan.ts";
import { outdatedLevel } from "./tls-profiles.ts";

/** Each replaces keys of those before it; true and false switch it on and off. */
export type TlsLayers = readonly (ServerTlsConfig | boolean | undefined)[];

/** `address` is what is connected to. Null: without TLS. */
export function resolveServerTls(
  layers: TlsLayers,
  address: ServerAddress,
  files: PageFiles,
): ServerTlsPlan | null {
  const last = layers.findLast((layer) => layer !== undefined);
  if (last === undefined || last === false) return null;
  const tls = layers.reduce<ServerTlsConfig>(merged, {});
  const pathOf = (file: string | undefined): string | null =>
    file === undefined ? null : files.path(file);
  const preset = builtin.serverTls;
  const minVersion = tls.minVersion ?? preset.minVersion;
  return {
    protocol: {
      minVersion,
      maxVersion: tls.maxVersion ?? preset.maxVersion,
      ciphers: tls.ciphers ?? (isOutdated(minVersion) ? `DEFAULT:${outdatedLevel}` : ""),
      ciphersuites: tls.ciphersuites ?? "",
      curves: tls.curves ?? "",
    },
    verify: tls.verify ?? preset.verify,
    ca: pathOf(tls.ca),
    serverName: tls.serverName ?? nameIn(address),
    cert: pathOf(tls.cert),
    key: pathOf(tls.key ?? tls.cert),
    passphrase: tls.passphrase ?? "",
    alpn: tls.alpn ?? [],
  };
}

function isOutdated(version: TlsVersion): boolean {
  return version === "TLSv1" || version === "TLSv1.1";
}

/** A certificate comes with its own key, so it hides that of another. */
function merged(tls: ServerTlsConfig, layer: TlsLayers[number]): ServerTlsConfig {
  if (typeof layer !== "object") return tls;
  const hidden = layer.cert === undefined ? {} : { key: undefined, passphrase: undefined };
  return { ...tls, ...hidden, ...given(layer) };
}

/** RFC 6066 section 3: without a dot at its end. */
function nameIn(address: ServerAddress): string {
  return address.family === "name" ? address.host.toLowerCase().replace(/\.$/, "") : "";
}
