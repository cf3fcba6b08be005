import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Authority } from "../../../test/support/authority.ts";
import type { ServerMaterial } from "../../config/tls-material.ts";
import type { ServerTlsPlan, TlsProtocol } from "../../config/tls-plan.ts";
import { TlsContexts } from "./tls-contexts.ts";
import { plainServerTls } from "../../tls/conformance/plans.conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-contexts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = Authority.create(folder);
const issued = authority.issue({ commonName: "own", usage: "client" });
const ca = new Uint8Array(readFileSync(authority.certFile));
const cert = new Uint8Array(readFileSync(issued.cert));
const key = new Uint8Array(readFileSync(issued.key));
const trusting: ServerMaterial = { ca, cert: null, key: null, passphrase: "" };
const showing: ServerMaterial = { ...trusting, cert, key };

function speaking(protocol: Partial<TlsProtocol>): ServerTlsPlan {
  return { ...plainServerTls, protocol: { ...plainServerTls.protocol, ...protocol } };
}

/** Contexts of servers of backend `web`, by what was read for them. */
function contextsOf(
  materials: Record<string, ServerMaterial>,
): (server: string, tls?: ServerTlsPlan) => ReturnType<TlsContexts["of"]> {
  const contexts = new TlsContexts((name) => materials[name] ?? null);
  const address = { family: "ipv4", host: "127.0.0.1", port: 1 } as const;
  return (server, tls = plainServerTls) => contexts.of({ backend: "web", server, address }, tls);
}

test("servers with the same files and settings share a context", () => {
  const of = contextsOf({ "check web/s1": trusting, "check web/s2": { ...trusting } });
  expect(of("s1")).toBeTypeOf("object");
  expect(of("s1")).toBe(of("s2"));
  expect(of("s1", { ...plainServerTls, serverName: "a.example", alpn: ["mqtt"] })).toBe(of("s2"));
});

test("others do not", () => {
  const of = contextsOf({
    "check web/s1": trusting,
    "check web/s2": showing,
    "check web/s3": { ...trusting, ca: Uint8Array.from(ca) },
  });
  const contexts = [of("s1"), of("s2"), of("s3"), of("s1", speaking({ minVersion: "TLSv1.3" }))];
  expect(new Set(contexts).size).toBe(4);
});

test("other files make another context, the same ones the same again", () => {
  const materials = { "check web/s1": trusting };
  const of = contextsOf(materials);
  const first = of("s1");
  materials["check web/s1"] = { ...trusting, ca: Uint8Array.from(ca) };
  expect(of("s1")).not.toBe(first);
  materials["check web/s1"] = trusting;
  expect(of("s1")).toBe(first);
});

test("nobody is trusted without files, but nothing is wanted without verify", () => {
  const of = contextsOf({ "check web/s2": { ...trusting, ca: null } });
  const text = "who may sign its certificate has not been read";
  expect([of("s1"), of("s2")]).toEqual([text, text]);
  const careless = { ...plainServerTls, verify: false };
  expect(of("s1", careless)).toBeTypeOf("object");
  const own = { ...careless, cert: issued.cert, key: issued.key };
  expect(of("s1", own)).toBe("the check's own certificate has not been read");
});

test("settings that OpenSSL does not know are told of", () => {
  const of = contextsOf({ "check web/s1": trusting });
  const text = "its settings or files cannot be used: ";
  expect(of("s1", speaking({ ciphers: "NONE-SUCH" }))).toBe(`${text}no cipher match`);
  expect(of("s1", speaking({ curves: "none" }))).toBe(`${text}Failed to set ECDH curve`);
});
