// The private key in a PEM file, decrypted. key-pair.ts calls it. No message shows a passphrase or
// anything of a key.
import { createPrivateKey, type KeyObject } from "node:crypto";
import { accept, type Reading, reject } from "../reading.ts";
import { named } from "./file-bytes.ts";
import type { PemBlock } from "./pem.ts";

/**
 * The one key among the blocks of a file. `passphrase` is empty when none was given; `absentHint` is
 * what to do without any key.
 */
export function parsePrivateKey(
  blocks: readonly PemBlock[],
  file: string,
  passphrase: string,
  absentHint: string = "Name the file of the key, or add the key to this one.",
): Reading<KeyObject> {
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const [block] = keys;
  if (block === undefined) {
    return reject(`there is no private key in ${named(file)}`, absentHint);
  }
  if (keys.length > 1) {
    const message = `there are ${keys.length} private keys in ${named(file)}`;
    return reject(message, "Leave only the one of the certificate.");
  }
  if (block.label === "OPENSSH PRIVATE KEY") {
    const hint = "TLS wants PEM: `ssh-keygen -p -m PKCS8 -f FILE` rewrites it.";
    return reject(`the key in ${named(file)} is in the format of OpenSSH`, hint);
  }
  const encrypted = isEncrypted(block);
  if (encrypted && passphrase === "") {
    const hint = "Give its passphrase, or decrypt it with `openssl pkey -in FILE -out NEW`.";
    return reject(`the key in ${named(file)} is encrypted, and no passphrase is given`, hint);
  }
  try {
    return accept(createPrivateKey({ key: block.text, passphrase }));
  } catch {
    // OpenSSL says `bad decrypt`, or stumbles over what a wrong passphrase makes of the key.
    return encrypted
      ? reject(
          `the passphrase does not open the key in ${named(file)}`,
          "Try it with `openssl pkey -in FILE -noout`. Very old ciphers, such as RC2, are not known.",
        )
      : reject(`the key in ${named(file)} is broken`, "Copy the file anew.");
  }
}

function isEncrypted({ label, headers }: PemBlock): boolean {
  return label === "ENCRYPTED PRIVATE KEY" || headers.some((line) => /^Proc-Type:.*ENC/.test(line));
}
