// Our hello to a server, as soon as the connection stands.
import { takeError } from "../sys/openssl/error.ts";
import { sslNew, sslSetConnectState } from "../sys/openssl/session.ts";
import type { ClientContext } from "./client-context.ts";
import { failed } from "./failing.ts";
import { receive } from "./receiving.ts";
import type { TlsConnection } from "./tls-connection.ts";
import { TlsPhase } from "./tls-phase.ts";

const nothing = new Uint8Array(0);

export function sayHello(of: TlsConnection): void {
  const { layer } = of;
  const client = of.client as ClientContext;
  const { preface } = of;
  if (preface !== null) of.transport.write(preface, 0, preface.length);
  of.preface = null;
  of.ssl = sslNew(client.context);
  if (of.ssl === 0) {
    failed(of, takeError());
    return;
  }
  layer.count(1);
  layer.records.attach(of.ssl);
  sslSetConnectState(of.ssl);
  client.prepare(of.ssl);
  of.sni = client.sni;
  of.phase = TlsPhase.handshake;
  receive(of, nothing, 0, 0);
}
