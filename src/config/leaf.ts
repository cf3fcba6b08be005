// A value of the configuration that has a reader of its own, as a schema. The files of leaves
// (value-schemas.ts and its neighbours) make theirs with it.
import { z } from "zod";
import type { Reading } from "./reading.ts";

/** What a schema says about itself in JSON Schema's words; `title` is the type's name in the reference. */
export type Words = Readonly<Record<string, unknown>> & { readonly title: string };

/** A value with a reader of its own. Its hint travels in the issue's `params`. */
export function leaf<T>(read: (input: unknown) => Reading<T>, words: Words): z.ZodType<T> {
  const schema = z.unknown().transform((input, context): T => {
    const reading = read(input);
    if (reading.ok) return reading.value;
    const wrongType = typeof input === "object" && input !== null;
    const params = { hint: reading.hint, wrongType };
    context.addIssue({ code: "custom", message: reading.message, params });
    return z.NEVER;
  });
  return schema.meta(words);
}
