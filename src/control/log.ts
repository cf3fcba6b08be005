// The process log: what happens to Ballast itself, on stderr. One readable line each on a
// terminal, JSON elsewhere. Sessions are logged by the workers (proxy/access-log), not here.
import pino, { type Logger } from "pino";
import type { LogLevel } from "../config/plan.ts";

export type Log = Logger;

/** Opens the log on stderr. Synchronous, so that the last words before an exit are not lost. */
export function openLog(level: LogLevel): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    messageKey: "message",
  };
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: true }));
  return pino(options, { write: (line: string) => process.stderr.write(readable(line)) });
}

/** `22:40:35 warn  message key=value`. */
function readable(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `${clock} ${String(level).padEnd(5)} ${String(message)}${rest.join("")}\n`;
}
