// A store of certificates (src/control/certificates) whose log and changes a test can wait for, and
// plans for it. Closed when the test ends.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import type { BindTlsPlan, CertificateSource, ServerTlsPlan } from "../../src/config/tls-plan.ts";
import { Certificates } from "../../src/control/certificates/certificates.ts";
import type { Pace } from "../../src/control/certificates/entry.ts";
import type { OcspPace } from "../../src/control/certificates/ocsp/pace.ts";
import type { Loaded } from "../../src/control/certificates/loaded.ts";
import type { TlsBind, TlsChange, TlsServer } from "../../src/control/certificates/wanted.ts";
import { plainBindTls, plainServerTls } from "../../src/tls/conformance/plans.conformance.ts";
import type { Issued } from "./authority.ts";
import { atTestEnd } from "./leftovers.ts";
import type { ProcessMessage } from "./log-lines.ts";
import { until } from "./until.ts";

/** Follows events as soon as it can, never gives up hope, and looks without events never. */
const testPace: Pace = { debounceMs: 1, quietMs: 20, patienceMs: 3_600_000, pollMs: 3_600_000 };

/** Asks again as soon as it can after a failure, and gives everybody the time that they need. */
const testOcspPace: OcspPace = {
  timeoutMs: 60_000,
  retryMinMs: 1,
  retryMaxMs: 20,
  refreshMinMs: 1,
  refreshMaxMs: 3_600_000,
  gatherMs: 1,
};

/** A bind with these certificates. */
export function bindTls(
  key: string,
  certificates: readonly CertificateSource[],
  parts: Partial<BindTlsPlan> = {},
): TlsBind {
  return { key, tls: { ...plainBindTls, certificates, ...parts } };
}

/** A server, as far as it differs from one that is not verified. */
export function serverTls(key: string, parts: Partial<ServerTlsPlan>): TlsServer {
  return { key, tls: { ...plainServerTls, verify: false, ...parts } };
}

/** The source of an issued certificate. */
export function filesOf(issued: Issued, ocsp: string | null = null): CertificateSource {
  return { kind: "files", cert: issued.cert, key: issued.key, passphrase: "", ocsp };
}

export function folderOf(folder: string): CertificateSource {
  return { kind: "folder", folder, ocsp: null };
}

/** A new folder, removed when the test ends. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ballast-tls-"));
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface WatchedCertificates {
  readonly certificates: Certificates;
  readonly changes: TlsChange[];
  /** All lines of the log, of every level. */
  readonly lines: ProcessMessage[];
  /** Loads, and brings into force. */
  readonly use: (binds: readonly TlsBind[], servers?: readonly TlsServer[]) => Loaded;
  /** The change number `index`, as soon as it is there. */
  readonly change: (index: number) => Promise<TlsChange>;
  /** The messages of one level so far. */
  readonly told: (level: string) => string[];
  /** Line number `index` of those that have `text` in their message, as soon as it is there. */
  readonly line: (text: string, index?: number) => Promise<ProcessMessage>;
}

export function watchedCertificates(
  pace: Partial<Pace> = {},
  nowMs: () => number = Date.now,
  ocspPace: Partial<OcspPace> = {},
): WatchedCertificates {
  const lines: ProcessMessage[] = [];
  const changes: TlsChange[] = [];
  const log = pino(
    { level: "debug", messageKey: "message", formatters: { level: (level) => ({ level }) } },
    { write: (line: string) => void lines.push(JSON.parse(line) as ProcessMessage) },
  );
  const certificates = new Certificates({
    log,
    onChange: (change) => void changes.push(change),
    nowMs,
    pace: { ...testPace, ...pace },
    ocspPace: { ...testOcspPace, ...ocspPace },
  });
  atTestEnd(() => certificates.close());
  return {
    certificates,
    changes,
    lines,
    use: (binds, servers = []) => {
      const loaded = certificates.load(binds, servers);
      if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
      certificates.keep(loaded);
      return loaded;
    },
    change: (index) => until(`change ${index} of certificates`, () => changes[index]),
    told: (level) => lines.filter((line) => line.level === level).map(({ message }) => message),
    line: (text, index = 0) =>
      until(
        `line ${index} with ${text}`,
        () => lines.filter(({ message }) => message.includes(text))[index],
      ),
  };
}
