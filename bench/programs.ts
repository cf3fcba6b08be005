// The programs that the benchmark needs and does not bring: where they are, which version, and
// what to install when one is missing. lineup.ts decides what can be measured without them.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program found in PATH. */
export interface Program {
  readonly path: string;
  /** Its own words, one line. */
  readonly version: string;
}

export interface Programs {
  readonly haproxy: Program | null;
  readonly nginx: Program | null;
  readonly wrk: Program | null;
  /** ApacheBench: unlike wrk it never resumes a TLS session. */
  readonly ab: Program | null;
  readonly openssl: Program | null;
  /** Pins a process to a core. Without it everything runs wherever the kernel puts it. */
  readonly taskset: Program | null;
  /** nginx.conf's line that loads the stream module; "" when built in; null when there is none. */
  readonly nginxStream: string | null;
}

/** The Debian package of each. */
const packages = {
  haproxy: "haproxy",
  nginx: "nginx-light",
  nginxStream: "libnginx-mod-stream",
  wrk: "wrk",
  ab: "apache2-utils",
  openssl: "openssl",
  taskset: "util-linux",
} as const;

const everything =
  "apt-get install haproxy nginx-light libnginx-mod-stream wrk apache2-utils openssl";

/** The path of an executable in PATH, or null. */
function inPath(name: string): string | null {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder === "" ? "." : folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** What a program prints to both streams; wrk exits with 1 after telling its version. */
function says(path: string, flag: string): string {
  const { stdout, stderr } = spawnSync(path, [flag], { encoding: "utf8", timeout: 10_000 });
  return `${stdout ?? ""}${stderr ?? ""}`;
}

function find(name: string, flag: string, versionIn: RegExp): Program | null {
  const path = inPath(name);
  if (path === null) return null;
  return { path, version: versionIn.exec(says(path, flag))?.[1] ?? "unknown" };
}

function streamModule(nginx: Program | null): string | null {
  if (nginx === null) return null;
  const built = says(nginx.path, "-V");
  if (/--with-stream(?=\s|$)/.test(built)) return "";
  const folder = /--modules-path=(\S+)/.exec(built)?.[1] ?? "/usr/lib/nginx/modules";
  const module = join(folder, "ngx_stream_module.so");
  return existsSync(module) ? `load_module ${module};` : null;
}

/** Looks for all of them, once, in PATH. */
export function findPrograms(): Programs {
  const nginx = find("nginx", "-v", /nginx version: nginx\/(\S+)/);
  return {
    haproxy: find("haproxy", "-v", /HAProxy version (\S+)/),
    nginx,
    wrk: find("wrk", "-v", /^wrk (\S+)/m),
    ab: find("ab", "-V", /ApacheBench, Version (\S+)/),
    openssl: find("openssl", "version", /^OpenSSL (\S+)/m),
    taskset: find("taskset", "-V", /taskset from (.+)/),
    nginxStream: streamModule(nginx),
  };
}

/** A sentence for a missing program: what it is for, and the command that installs it. */
export function missing(name: keyof typeof packages, consequence: string): string {
  const shown = name === "nginxStream" ? "nginx's stream module" : name;
  const sbin = ["/usr/sbin", "/usr/local/sbin"].find((folder) => existsSync(join(folder, name)));
  const there =
    sbin === undefined ? "" : ` There is one in ${sbin}: adding that folder to PATH will do.`;
  return (
    `${shown} is missing: ${consequence}. Install it: apt-get install ${packages[name]} ` +
    `(all that the benchmark can use: ${everything}).${there}`
  );
}
