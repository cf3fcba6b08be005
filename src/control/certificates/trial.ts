// Whether OpenSSL takes what a plan says and its files hold: the very objects that a worker would make,
// made once in this thread and thrown away. So no worker ever meets what it cannot use.
import type { BindMaterial, ServerMaterial } from "../../config/tls-material.ts";
import type { BindTlsPlan, ServerTlsPlan } from "../../config/tls-plan.ts";
import { ClientContext } from "../../tls/client-context.ts";
import { TlsError } from "../../tls/pem.ts";
import { ServerContexts } from "../../tls/server-contexts.ts";

/** The end of a sentence; empty: all is well. */
export function tryBind(tls: BindTlsPlan, material: BindMaterial): string {
  return problemOf(() =>
    new ServerContexts(tls, material, Buffer.from("trial"), null, null).drop(),
  );
}

/** The same for a server. */
export function tryServer(tls: ServerTlsPlan, material: ServerMaterial): string {
  return problemOf(() => new ClientContext(tls, material, "").drop());
}

function problemOf(attempt: () => void): string {
  try {
    attempt();
    return "";
  } catch (error) {
    if (error instanceof TlsError) return error.message;
    throw error;
  }
}
