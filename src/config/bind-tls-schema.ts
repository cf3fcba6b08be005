// The schema of `tls` on a bind: TLS with clients. schema.ts puts it into the whole; which keys
// contradict each other is said in bind-tls-semantics.ts.
import { z } from "zod";
import { builtin, sessionCacheMax, sessionTimeoutMaxMs } from "./builtin.ts";
import { durationPattern, parseDuration } from "./duration.ts";
import { key, map, oneOrMore } from "./keys.ts";
import { leaf } from "./leaf.ts";
import { type Reading, reject, shown } from "./reading.ts";
import type { BindTlsConfig, CertificateConfig, ClientAuthConfig } from "./tls-config.ts";
import { protocolKeys } from "./tls-protocol-schema.ts";
import { alpnName, ocsp, passphrase, tlsPath } from "./tls-values.ts";
import { bigCount, positiveDuration } from "./value-schemas.ts";

const preset = builtin.bindTls;

const certificate: z.ZodType<CertificateConfig> = z
  .union([
    tlsPath("site.pem"),
    map(
      {
        cert: key(
          tlsPath("site.pem"),
          "PEM file: the certificate, then its chain. Of this and `folder` one is written. A path " +
            "without a slash at its beginning starts where the configuration file is, here and below.",
        ),
        key: key(tlsPath("site.key"), "PEM file: its key. Default: it stands in `cert`."),
        passphrase: key(passphrase, "Of an encrypted key. Default: it is not encrypted."),
        folder: key(tlsPath("certs"), "Folder: every certificate in it, each with its key."),
        ocsp: key(
          ocsp,
          "The OCSP response that is stapled: a file with one (DER), or `fetch`: the issuer is asked, " +
            "and its certificate must follow in `cert`. Default: nothing.",
        ),
      },
      { cert: "site.pem", key: "site.key" },
    ),
  ])
  .meta({ title: "file or folder, or object", examples: ["site.pem"] });

const clientAuth: z.ZodType<ClientAuthConfig> = map(
  {
    ca: tlsPath("clients.pem").meta({ description: "PEM file: who may have signed them." }),
    require: key(z.boolean(), "Without one there is no session.", true),
    optional: key(
      z.boolean(),
      "Instead of `require`: a client may do without, but not with a bad one.",
      false,
    ),
    crl: key(
      tlsPath("revoked.pem"),
      "PEM file: revoked certificates, for the whole chain. Default: none.",
    ),
  },
  { ca: "clients.pem" },
);

const sessionTime: z.ZodType<number> = leaf(readSessionTime, {
  title: "duration above 0, up to 7d",
  type: "string",
  pattern: durationPattern,
  examples: ["5m"],
});

function readSessionTime(input: unknown): Reading<number> {
  const reading = parseDuration(input, sessionTimeoutMaxMs);
  if (!reading.ok || reading.value > 0) return reading;
  return reject(`${shown(input)} is no time`, "Write 1ms or more.");
}

export const bindTls: z.ZodType<BindTlsConfig> = map(
  {
    certificates: oneOrMore(certificate, "file or folder, object, or a list of them").meta({
      description:
        "What clients are shown: of those that are for the name that a client asks for the one " +
        "that it can verify; the first one when it names none, or one that nobody knows.",
      examples: [["site.pem"]],
    }),
    profile: key(
      z.enum(["modern", "intermediate", "old"]),
      "Mozilla's Server Side TLS 5.7: `modern` is TLS 1.3 alone, `intermediate` 1.2 and 1.3, `old` " +
        "also 1.0 and 1.1. What the keys below say replaces what it says.",
      preset.profile,
    ),
    ...protocolKeys("what `profile` says", {}),
    strictSni: key(
      z.boolean(),
      "Who names a server that no certificate is for is refused.",
      preset.strictSni,
    ),
    alpn: key(
      oneOrMore(alpnName, "name of a protocol, or a list of them"),
      "Protocols that are spoken behind TLS, the preferred one first. In http mode `http/1.1` and " +
        `\`http/1.0\`. Default: [${preset.httpAlpn.join(", ")}] in http mode, in tcp mode ALPN is ` +
        "not answered.",
    ),
    sessionTickets: key(
      z.boolean(),
      "Clients keep their session themselves, in a ticket that any worker can read.",
      preset.sessionTickets,
    ),
    ticketRotation: key(
      positiveDuration,
      "A new key for tickets so often; those of the key before are taken for as long again.",
      preset.ticketRotation,
    ),
    sessionCache: key(
      bigCount(0, sessionCacheMax),
      "Sessions remembered for clients without tickets, over all workers. 0: none.",
      preset.sessionCache,
    ),
    sessionTimeout: key(sessionTime, "How long a session may be resumed.", preset.sessionTimeout),
    clientAuth: key(clientAuth, "Clients show certificates, too. Default: they are not asked."),
  },
  { certificates: ["site.pem"] },
);
