// How one server is spoken to: OpenSSL's context, the name that its certificate must be for, and the last
// session with it, to go on with. Workers have one for each server with TLS.
import {
  contextControl,
  contextFree,
  contextSetAlpn,
  contextSetStore,
  contextSetVerify,
} from "../sys/openssl/context.ts";
import {
  sessionFree,
  sessionIsResumable,
  setServerName,
  sslGet0Param,
  sslGet1Session,
  sslSet1Host,
  sslSetSession,
  verifyParamSet1Ip,
} from "../sys/openssl/session.ts";
import { storeFree, storeSetFlags, X509_V_FLAG_PARTIAL_CHAIN } from "../sys/openssl/x509.ts";
import type { ServerMaterial } from "../config/tls-material.ts";
import type { ServerTlsPlan } from "../config/tls-plan.ts";
import { makeContext, protocolList, useCertificate } from "./context.ts";
import { storeOf } from "./pem.ts";
import { Shared } from "./shared.ts";

const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
const SSL_SESS_CACHE_OFF = 0;
const SSL_VERIFY_PEER = 1;

export class ClientContext extends Shared {
  readonly context: number;
  /** What is said in SNI; empty: nothing. */
  readonly sni: string;
  readonly #verifies: boolean;
  readonly #name: string;
  readonly #isAddress: boolean;
  /** OpenSSL's, a reference of ours; 0: none. */
  #session: number;

  /** `address`: the server's own, for one without a name. Throws TlsError. */
  constructor(plan: ServerTlsPlan, material: ServerMaterial, address: string) {
    super();
    const { verify, serverName, alpn } = plan;
    this.#name = serverName === "" ? address : serverName;
    this.#isAddress = /^[0-9.]+$|:/.test(this.#name);
    this.sni = this.#isAddress ? "" : this.#name;
    this.#verifies = verify;
    this.#session = 0;
    this.context = makeContext(plan.protocol, (made) => {
      contextControl(made, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, 0);
      if (material.cert !== null && material.key !== null) {
        useCertificate(made, material.cert, material.key, material.passphrase);
      }
      const protocols = protocolList(alpn);
      if (protocols.length > 0) contextSetAlpn(made, protocols, protocols.length);
      if (!verify || material.ca === null) return;
      const store = storeOf(material.ca, null);
      storeSetFlags(store, X509_V_FLAG_PARTIAL_CHAIN);
      contextSetStore(made, store);
      storeFree(store);
      contextSetVerify(made, SSL_VERIFY_PEER, 0);
    });
  }

  /** A new connection's: whom it greets, whom it expects, and what it goes on with. */
  prepare(ssl: number): void {
    if (this.sni !== "") setServerName(ssl, this.sni);
    if (this.#verifies) {
      if (this.#isAddress) verifyParamSet1Ip(sslGet0Param(ssl), this.#name);
      else sslSet1Host(ssl, this.#name);
    }
    if (this.#session !== 0) sslSetSession(ssl, this.#session);
  }

  /** The next connection goes on with the session of this one; false: not yet, if ever. */
  remember(ssl: number): boolean {
    const session = sslGet1Session(ssl);
    if (session === 0) return false;
    if (sessionIsResumable(session) !== 1) {
      sessionFree(session);
      return false;
    }
    if (this.#session !== 0) sessionFree(this.#session);
    this.#session = session;
    return true;
  }

  protected free(): void {
    if (this.#session !== 0) sessionFree(this.#session);
    this.#session = 0;
    contextFree(this.context);
  }
}
