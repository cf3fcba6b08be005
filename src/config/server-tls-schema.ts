// The schema of `tls` on a backend, a server and a check: TLS with servers. backend-schema.ts and
// check-schema.ts put it there; which keys contradict each other is said in server-tls-semantics.ts.
import { z } from "zod";
import { builtin } from "./builtin.ts";
import { key, map, oneOrMore } from "./keys.ts";
import { serverName } from "./server-name-values.ts";
import type { ServerTlsConfig } from "./tls-config.ts";
import { protocolKeys } from "./tls-protocol-schema.ts";
import { alpnName, passphrase, tlsPath } from "./tls-values.ts";
import { onOff } from "./value-schemas.ts";

const preset = builtin.serverTls;

/** Switched on or off, or how it is done. */
export const serverTls: z.ZodType<ServerTlsConfig | boolean> = z
  .union([
    onOff("setting of TLS", "{ ca: ca.pem }"),
    map(
      {
        verify: key(
          z.boolean(),
          "The server's certificate must be signed by `ca` and be for `serverName`. Without this " +
            "whoever answers in its place is believed.",
          preset.verify,
        ),
        ca: key(
          tlsPath("ca.pem"),
          "PEM file: who may have signed the server's certificate. Default: whom the system trusts.",
        ),
        serverName: key(
          serverName,
          "The name that is sent (SNI), and that the certificate must be for. Default: the name in " +
            "the server's address; without one nothing is sent, and the certificate must be for its " +
            "IP address.",
        ),
        cert: key(
          tlsPath("client.pem"),
          "PEM file: the certificate that Ballast shows when the server asks. Default: none.",
        ),
        key: key(tlsPath("client.key"), "PEM file: its key. Default: it stands in `cert`."),
        passphrase: key(passphrase, "Of an encrypted key. Default: it is not encrypted."),
        alpn: key(
          oneOrMore(alpnName, "name of a protocol, or a list of them"),
          "Protocols that are offered, the preferred one first. Default: none.",
        ),
        ...protocolKeys("what OpenSSL chooses", preset),
      },
      { ca: "ca.pem" },
    ),
  ])
  .meta({ title: "`true`, `false`, or object", examples: [true] });
