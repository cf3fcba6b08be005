// How a key of the configuration is written down in the schema: its meaning, its default, an example
// of what it holds. The files of the schema use it; problems and the reference page show the words.
import { z } from "zod";

/** A map with an example of it, which hints and editors show. */
export function map<Shape extends z.ZodRawShape>(
  shape: Shape,
  example: Readonly<Record<string, unknown>>,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape).meta({ examples: [example] });
}

/** An optional key: its meaning and what holds without it. */
export function key<T>(
  schema: z.ZodType<T>,
  description: string,
  fallback?: unknown,
): z.ZodOptional<z.ZodType<T>> {
  return schema.optional().meta({
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
}

/** One value or a list of them, always read as a list. `type` is its name in the reference. */
export function oneOrMore<T>(item: z.ZodType<T>, type: string): z.ZodType<readonly T[]> {
  return z.union([item.transform((one) => [one]), z.array(item).min(1)]).meta({ title: type });
}
