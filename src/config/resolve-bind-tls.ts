// `tls` of a bind in a valid configuration to its part of the plan: what it says over what its profile
// says. resolve.ts calls it; it finds no mistakes.
import { builtin } from "./builtin.ts";
import { certificateSource } from "./certificate-source.ts";
import { builtinMs } from "./inherited.ts";
import type { PageFiles } from "./page-files.ts";
import type { BindTlsConfig, ClientAuthConfig } from "./tls-config.ts";
import type { BindTlsPlan, ClientAuthPlan } from "./tls-plan.ts";
import { tlsProfiles } from "./tls-profiles.ts";

const preset = builtin.bindTls;

export function resolveBindTls(tls: BindTlsConfig, isHttp: boolean, files: PageFiles): BindTlsPlan {
  const name = tls.profile ?? preset.profile;
  const profile = tlsProfiles[name];
  return {
    protocol: {
      minVersion: tls.minVersion ?? profile.minVersion,
      maxVersion: tls.maxVersion ?? profile.maxVersion,
      ciphers: tls.ciphers ?? profile.ciphers,
      ciphersuites: tls.ciphersuites ?? profile.ciphersuites,
      curves: tls.curves ?? profile.curves,
    },
    // As Mozilla recommends: all ciphers of the other profiles are good, and clients know what they are fast at.
    ownCipherOrder: name === "old",
    certificates: tls.certificates.map((certificate) => certificateSource(certificate, files)),
    strictSni: tls.strictSni ?? preset.strictSni,
    alpn: tls.alpn ?? (isHttp ? preset.httpAlpn : []),
    sessionTickets: tls.sessionTickets ?? preset.sessionTickets,
    ticketRotationMs: tls.ticketRotation ?? builtinMs(preset.ticketRotation),
    sessionCache: tls.sessionCache ?? preset.sessionCache,
    sessionTimeoutMs: tls.sessionTimeout ?? builtinMs(preset.sessionTimeout),
    clientAuth: tls.clientAuth ? resolveClientAuth(tls.clientAuth, files) : null,
  };
}

function resolveClientAuth(auth: ClientAuthConfig, files: PageFiles): ClientAuthPlan {
  return {
    ca: files.path(auth.ca),
    required: auth.optional !== true,
    crl: auth.crl === undefined ? null : files.path(auth.crl),
  };
}
