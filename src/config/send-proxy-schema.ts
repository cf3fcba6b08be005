// The schema of `sendProxy`, of a backend and of a server alike: the version alone, or with what the
// header tells beside the addresses. backend-schema.ts puts it there.
import { z } from "zod";
import { builtin } from "./builtin.ts";
import type { SendProxyConfig } from "./config.ts";
import { key, map, oneOrMore } from "./keys.ts";

const tlv = z.enum(["sni", "alpn", "ssl"]);

export const sendProxy: z.ZodType<SendProxyConfig> = z
  .union([
    z.enum(["v1", "v2", "off"]).transform((version) => ({ version })),
    map(
      {
        version: key(z.enum(["v1", "v2"]), "The version of the header.", builtin.proxyVersion),
        tlvs: key(
          oneOrMore(tlv, "`sni`, `alpn`, `ssl`, or a list of them"),
          "With `v2`: what the header tells of the client's TLS. The name that it asked for, the " +
            "protocol, or the version, the cipher and the name in its certificate. Default: nothing.",
        ),
      },
      { version: "v2", tlvs: ["sni", "ssl"] },
    ),
  ])
  .meta({ title: "`v1`, `v2`, `off`, or object", examples: ["v2"] });
