// What every kind of active check has in common: one look at one server that always comes to a
// result. checker.ts decides when to look and what follows from it; a probe knows neither.
import type { NamedAddress, SocketAddress } from "../../config/address.ts";

/** What one look at a server has found. */
export interface ProbeResult {
  /** Null: nothing about the server, because this process could not look (see the text). */
  readonly ok: boolean | null;
  /** For people: `status 503`, `connection refused`. Printable and short. */
  readonly text: string;
  readonly durationMs: number;
}

/** Whom a probe looks at. */
export interface ProbeTarget {
  readonly backend: string;
  readonly server: string;
  /** Where the check goes: the server's own address unless the check has another one. */
  readonly address: SocketAddress | NamedAddress;
}

/** A look under way. */
export interface Probing {
  /** Never rejects. Resolves when nothing of the probe is left: no socket, no process. */
  readonly result: Promise<ProbeResult>;
  /** Ends it before its time; the result resolves and means nothing. */
  end(): void;
}

/** Begins to look. Never throws. */
export type Probe = (target: ProbeTarget) => Probing;

/** A timer that is so late was not waiting for a server: the process was stopped, or starved. */
const latenessMs = 1000;

/**
 * What to say instead when a probe's time is up but this process has not been there to see the
 * answer (SIGSTOP, a suspended machine); null: it has been.
 */
export function overslept(beganMs: number, timeoutMs: number): string | null {
  const lateMs = performance.now() - beganMs - timeoutMs;
  if (lateMs < latenessMs) return null;
  return `this process stood still for ${Math.round(lateMs / 1000)} s`;
}

const shownMax = 60;

/** Foreign bytes for a log line: quoted, printable ASCII, cut. */
export function quoted(text: string, charactersMax: number = shownMax): string {
  const cut = text.length > charactersMax ? `${text.slice(0, charactersMax)}...` : text;
  return JSON.stringify(cut).replaceAll(/[^\x20-\x7e]/g, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** `1s`, `250ms`: as a configuration writes it. */
export function formatMs(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** The address that a check goes to: its own host and port where it has them, else the server's. */
export function checkedAddress(
  server: SocketAddress,
  address: SocketAddress | NamedAddress | null,
  port: number,
): SocketAddress | NamedAddress {
  const base = address ?? server;
  if (base.family === "unix") return base;
  const own = address !== null && "port" in address && address.port > 0 ? address.port : 0;
  const ofServer = server.family === "unix" ? 0 : server.port;
  return { ...base, port: port || own || ofServer };
}
