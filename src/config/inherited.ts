// What holds where a part of the file says nothing: the built-in defaults as values, and settings
// that may hide inherited ones. The files that resolve a configuration use it.
import { parseDuration } from "./duration.ts";
import type { Reading } from "./reading.ts";

/** A built-in default as a value. */
export function builtinValue<T>(reading: Reading<T>): T {
  if (!reading.ok) throw new Error(`built-in default: ${reading.message}`);
  return reading.value;
}

/** A built-in default in milliseconds; `maxMs` where it may be longer than others. */
export function builtinMs(text: string, maxMs?: number): number {
  return builtinValue(parseDuration(text, maxMs));
}

/** Without the keys that are there but undefined, which would hide an inherited value. */
export function given<T extends object>(settings: T | undefined): Partial<T> {
  const entries = Object.entries(settings ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}
