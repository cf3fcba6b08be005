// What the clients of one bind are answered with: OpenSSL's contexts, one for each combination of
// certificates, and which of them belongs to a server name. Certificates for one name with keys of
// different kinds share a context: OpenSSL then takes the one that the client can verify. Replaced as a
// whole when files change; connections keep what they have begun with.
import {
  contextAddClientCa,
  contextCallbackControl,
  contextControl,
  contextFree,
  contextSetAlpnSelect,
  contextSetNumTickets,
  contextSetOptions,
  contextSetSessionIdContext,
  contextSetStore,
  contextSetTicketKeyCall,
  contextSetTimeout,
  contextSetVerify,
} from "../sys/openssl/context.ts";
import { errorClear } from "../sys/openssl/error.ts";
import { SSL_SESS_CACHE_OFF } from "../sys/openssl/stored-session.ts";
import {
  certificateFree,
  storeFree,
  storeSetFlags,
  X509_V_FLAG_CRL_CHECK,
  X509_V_FLAG_CRL_CHECK_ALL,
  X509_V_FLAG_PARTIAL_CHAIN,
} from "../sys/openssl/x509.ts";
import type { BindMaterial } from "../config/tls-material.ts";
import type { BindTlsPlan, CertificateMaterial } from "../config/tls-plan.ts";
import { makeContext, useCertificate } from "./context.ts";
import { certificatesOf, storeOf } from "./pem.ts";
import type { SessionCache } from "./session-cache.ts";
import { Shared } from "./shared.ts";
import { addStaple, removeStaple } from "./staples.ts";
import type { ServerCalls } from "./server-calls.ts";

const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
const SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB = 63;
const SSL_CTRL_SET_DH_AUTO = 118;
const SSL_OP_NO_TICKET = 0x4000;
const SSL_OP_CIPHER_SERVER_PREFERENCE = 0x400000;
const SSL_VERIFY_PEER = 1;
const SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;

export class ServerContexts extends Shared {
  readonly plan: BindTlsPlan;
  /** Clients are asked for certificates. */
  readonly asksCertificate: boolean;
  readonly #calls: ServerCalls | null;
  readonly #id: Uint8Array;
  readonly #sessions: SessionCache | null;
  /** Every context, by the places of its certificates in the list. */
  readonly #contexts: Map<string, number>;
  readonly #exact: Map<string, number>;
  /** By what follows the star: `.example.com`. */
  readonly #wildcard: Map<string, number>;
  readonly #fallback: number;
  /** Certificates with an OCSP response. */
  readonly #stapled: number[];

  /**
   * `id`: up to 32 bytes; sessions are gone on with only where it is the same. `sessions`: those of clients
   * without tickets; null: none are kept. `calls` null: only to see whether OpenSSL takes it all. Throws TlsError.
   */
  constructor(
    plan: BindTlsPlan,
    material: BindMaterial,
    id: Uint8Array,
    sessions: SessionCache | null,
    calls: ServerCalls | null,
  ) {
    super();
    this.plan = plan;
    this.asksCertificate = plan.clientAuth !== null;
    this.#calls = calls;
    this.#id = id;
    this.#sessions = sessions;
    this.#contexts = new Map();
    this.#exact = new Map();
    this.#wildcard = new Map();
    this.#stapled = [];
    const { certificates } = material;
    const names = new Map<string, number[]>();
    for (const [place, { names: own, keyType }] of certificates.entries()) {
      for (const name of own) {
        const places = names.get(name) ?? [];
        names.set(name, places);
        // The first one in the file of each kind.
        if (!places.some((other) => certificates[other]?.keyType === keyType)) places.push(place);
      }
    }
    try {
      for (const [name, places] of names) {
        const context = this.#context(places, material);
        if (name.startsWith("*.")) this.#wildcard.set(name.slice(1), context);
        else this.#exact.set(name, context);
      }
      const first = certificates[0]?.names[0];
      const together = first === undefined ? [0] : (names.get(first) ?? [0]);
      this.#fallback = this.#context(together, material);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** The context for who names `sni` (in lower case; empty: nobody); 0: none, by strictSni. */
  choose(sni: string): number {
    if (sni !== "") {
      const exact = this.#exact.get(sni);
      if (exact !== undefined) return exact;
      const dot = sni.indexOf(".");
      const wildcard = dot < 0 ? undefined : this.#wildcard.get(sni.slice(dot));
      if (wildcard !== undefined) return wildcard;
    }
    return this.plan.strictSni ? 0 : this.#fallback;
  }

  /** Connections that have begun go on; OpenSSL keeps what they need. */
  protected free(): void {
    for (const certificate of this.#stapled) removeStaple(certificate);
    for (const context of this.#contexts.values()) {
      this.#calls?.sessions.remove(context);
      contextFree(context);
    }
    this.#contexts.clear();
  }

  #context(places: readonly number[], material: BindMaterial): number {
    const key = places.join(" ");
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const certificates = places.map((place) => material.certificates[place] as CertificateMaterial);
    const context = makeContext(this.plan.protocol, (made) => {
      for (const { cert, key: secret, passphrase, ocsp } of certificates) {
        useCertificate(made, cert, secret, passphrase);
        if (ocsp !== null) this.#staple(made, ocsp);
      }
      contextControl(made, SSL_CTRL_SET_DH_AUTO, 1, 0);
      if (this.plan.ownCipherOrder) contextSetOptions(made, SSL_OP_CIPHER_SERVER_PREFERENCE);
      contextSetSessionIdContext(made, this.#id, this.#id.length);
      this.#remember(made);
      this.#askClients(made, material);
    });
    this.#contexts.set(key, context);
    return context;
  }

  #staple(context: number, response: Uint8Array): void {
    if (this.#calls === null) return;
    this.#stapled.push(addStaple(context, response));
    contextCallbackControl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, this.#calls.staple);
  }

  /** How clients go on with a session. */
  #remember(context: number): void {
    const { sessionTickets, sessionTimeoutMs, alpn } = this.plan;
    contextSetTimeout(context, Math.round(sessionTimeoutMs / 1000));
    contextControl(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, 0);
    const cache = this.#sessions;
    if (!sessionTickets) {
      contextSetOptions(context, SSL_OP_NO_TICKET);
      // What TLS 1.3 then calls tickets are names of sessions that are kept.
      if (cache === null) contextSetNumTickets(context, 0);
    }
    if (this.#calls === null) return;
    if (cache !== null) {
      const store = { cache, lastsMs: sessionTimeoutMs, tickets: sessionTickets };
      this.#calls.sessions.add(context, store);
    }
    if (sessionTickets) contextSetTicketKeyCall(context, this.#calls.ticketKey);
    if (alpn.length > 0) contextSetAlpnSelect(context, this.#calls.selectProtocol, 0);
  }

  #askClients(context: number, { clientCa, crl }: BindMaterial): void {
    const { clientAuth } = this.plan;
    if (clientAuth === null || clientCa === null) return;
    const store = storeOf(clientCa, crl);
    const revoked = crl === null ? 0 : X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    storeSetFlags(store, X509_V_FLAG_PARTIAL_CHAIN | revoked);
    contextSetStore(context, store);
    storeFree(store);
    for (const certificate of certificatesOf(clientCa)) {
      contextAddClientCa(context, certificate);
      certificateFree(certificate);
    }
    errorClear();
    const required = clientAuth.required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    contextSetVerify(context, SSL_VERIFY_PEER | required, 0);
  }
}
