// The schema of `hsts`: what browsers remember about using TLS (RFC 6797). http-schema.ts puts it into
// a frontend; what the lists for preloading ask is said in hsts-semantics.ts.
import { z } from "zod";
import { builtin, hstsAgeMaxMs } from "./builtin.ts";
import { durationPattern, parseDuration } from "./duration.ts";
import { key, map } from "./keys.ts";
import { leaf } from "./leaf.ts";
import { type Reading, reject, shown } from "./reading.ts";
import type { HstsConfig } from "./tls-config.ts";
import { onOff } from "./value-schemas.ts";

const preset = builtin.hsts;

const age: z.ZodType<number> = leaf(readHstsAge, {
  title: "duration, up to ten years",
  anyOf: [{ type: "string", pattern: durationPattern }, { const: 0 }],
  examples: [preset.maxAge],
});

/** Browsers count whole seconds: less than one would make them forget. */
export function readHstsAge(input: unknown): Reading<number> {
  const reading = parseDuration(input, hstsAgeMaxMs);
  if (!reading.ok || reading.value % 1000 === 0) return reading;
  return reject(
    `${shown(input)} is no whole number of seconds`,
    "Write it in seconds, or in days.",
  );
}

export const hsts: z.ZodType<HstsConfig | boolean> = z
  .union([
    onOff("setting of HSTS", "{ maxAge: 365d }"),
    map(
      {
        maxAge: key(
          age,
          "How long browsers remember it. 0: they forget what they were told before.",
          preset.maxAge,
        ),
        includeSubdomains: key(
          z.boolean(),
          "It holds for every host below this one, too.",
          preset.includeSubdomains,
        ),
        preload: key(
          z.boolean(),
          "The host may go into the lists that browsers come with (hstspreload.org), which is hard " +
            "to undo. Needs `includeSubdomains` and a `maxAge` of 365d or more.",
          preset.preload,
        ),
      },
      { maxAge: "365d" },
    ),
  ])
  .meta({ title: "`true`, `off`, or object", examples: [true] });
