// `ocsp: fetch` from the certificate to the handshake: OpenSSL's responder is asked, and OpenSSL's client
// says what is stapled.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { runCommand } from "../support/command.ts";
import { startOpensslResponder, startResponder } from "../support/responder.ts";
import { echoes, startServer, type TestServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { connectTls, sClient, testAuthority } from "../support/tls.ts";
import { newFolder } from "../support/watched-certificates.ts";
import { until } from "../support/until.ts";

const root = testAuthority();
const ca = readFileSync(root.certFile);
const issuer = root.intermediate("Issuer One");

const stapledGood = /OCSP Response Status: successful[^]*Cert Status: good/;
const stapledNothing = /OCSP response: no response sent/;

function config(
  server: TestServer | string,
  certificates: object,
  address = "127.0.0.1:0",
): object {
  const frontend = { bind: { address, tls: { certificates } } };
  return tcpConfig({ s1: server }, { global: { workers: 2 }, frontend });
}

function status(address: string): Promise<string> {
  return sClient(address, ["-status", "-servername", "a.example", "-CAfile", root.certFile]);
}

describe("fetched", () => {
  it("a response is stapled by all workers, and again after a reload; nobody waits for it", async () => {
    const responder = await startOpensslResponder(issuer);
    const server = await startServer(echoes);
    const site = issuer.issue({ names: ["a.example"], responder: responder.url });
    const next = issuer.issue({ names: ["b.example"], responder: responder.url });
    const certificates = { ...site, ocsp: "fetch" };
    const ballast = await startBallast(config(server, certificates));
    await ballast.untilMessage(({ message }) => message.includes("is stapled: good until"));
    // The message to the workers follows the line in the log.
    await until("a staple", async () => stapledGood.test(await status(ballast.address)));
    for (let i = 0; i < 6; i++) expect(await status(ballast.address)).toMatch(stapledGood);
    const both = [certificates, { ...next, ocsp: "fetch" }];
    ballast.rewriteConfig(config(server, both, ballast.address));
    ballast.signal("SIGHUP");
    await ballast.untilMessage(({ message }) => message.startsWith("reloaded "));
    expect(await status(ballast.address)).toMatch(stapledGood);
    await until("the other's staple", async () => {
      return stapledGood.test(
        await sClient(ballast.address, ["-status", "-servername", "b.example"]),
      );
    });
    const lines = ballast.messages.filter(({ message }) =>
      message.includes(`${site.cert} is stapled`),
    );
    expect(lines).toHaveLength(1);
  });

  it("what is revoked is an error in the log, and not stapled", async () => {
    const responder = await startOpensslResponder(issuer);
    const server = await startServer(echoes);
    const site = issuer.issue({ names: ["a.example"], responder: responder.url });
    issuer.crl([site]);
    const ballast = await startBallast(config(server, { ...site, ocsp: "fetch" }));
    const { level } = await ballast.untilMessage(({ message }) => message.includes("is revoked"));
    expect(level).toBe("error");
    expect(await status(ballast.address)).toMatch(stapledNothing);
  });

  it("a responder that stalls delays neither the start nor a reload nor the end", async () => {
    const responder = await startResponder();
    responder.answer(() => {});
    const server = await startServer(echoes);
    const site = issuer.issue({ names: ["a.example"], responder: responder.url });
    const certificates = { ...site, ocsp: "fetch" };
    const ballast = await startBallast(config(server, certificates));
    await until("the question", () => responder.asked.length === 1);
    expect(await status(ballast.address)).toMatch(stapledNothing);
    ballast.signal("SIGHUP");
    await ballast.untilMessage(({ message }) => message.startsWith("reloaded "));
    (await connectTls(ballast.address, { ca, servername: "a.example" })).destroy();
    expect(await ballast.stop()).toBe(0);
    expect(ballast.messages.some(({ message }) => message.includes("no OCSP response"))).toBe(
      false,
    );
  });
});

describe("`ballast check`", () => {
  it("says where nothing can be fetched, and which responses are of no use", async () => {
    const alone = root.issue({ names: ["a.example"], responder: "http://127.0.0.1:1/" });
    const without = issuer.issue({ names: ["b.example"] });
    const site = issuer.issue({ names: ["c.example"] });
    const wrong = issuer.ocspResponse(without);
    const file = join(newFolder(), "check.yaml");
    const certificates = [
      { ...alone, ocsp: "fetch" },
      { ...without, ocsp: "fetch" },
      { ...site, ocsp: wrong },
    ];
    writeFileSync(file, JSON.stringify(config("127.0.0.1:1", certificates)));
    const { code, err } = await runCommand(["check", "-c", file]);
    expect(code).toBe(0);
    expect(err.split("\n")).toEqual([
      expect.stringMatching(
        `^${file}:1:\\d+: warning: the issuer's certificate is not in ${alone.cert}: .* Put it after`,
      ),
      expect.stringMatching(
        `^${file}:1:\\d+: warning: the certificate in ${without.cert} names no OCSP responder`,
      ),
      `${file}: warning: the OCSP response in ${wrong} is about another certificate, and is not ` +
        `stapled. Put a new one there, for the certificate in ${site.cert}.`,
    ]);
  });
});
