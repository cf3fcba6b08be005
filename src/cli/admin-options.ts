// What all verbs that talk to a running Ballast have in common: where it is, the token, and whether
// the answer is wanted as it is. Wrong usage here ends the command with exit code 2.
import { type Command, InvalidArgumentError, Option } from "commander";
import type { NamedAddress, SocketAddress } from "../config/address.ts";
import { parseServerAddress } from "../config/address-syntax.ts";

export interface AdminOptions {
  readonly admin: SocketAddress | NamedAddress;
  readonly token: string;
  readonly json: boolean;
}

const defaultAddress: SocketAddress = { family: "ipv4", host: "127.0.0.1", port: 9400 };

/** Adds `--admin`, `--token` and `--json`, with their environment variables. */
export function withAdminOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--admin <address>", "where its admin API is: HOST:PORT or unix:PATH")
        .env("BALLAST_ADMIN")
        .default(defaultAddress, "127.0.0.1:9400")
        .argParser(readAddress),
    )
    .addOption(
      new Option("--token <token>", "the token of global.admin.token; better in the environment")
        .env("BALLAST_ADMIN_TOKEN")
        .default("", "none"),
    )
    .option("--json", "print the answer as JSON", false);
}

function readAddress(text: string): SocketAddress | NamedAddress {
  const reading = parseServerAddress(text);
  if (reading.ok) return reading.value;
  throw new InvalidArgumentError("Write HOST:PORT, :PORT or unix:PATH.");
}

export interface ServerName {
  readonly backend: string;
  readonly server: string;
}

/** BACKEND/SERVER. */
export function readServerName(text: string): ServerName {
  const [backend = "", server = "", ...rest] = text.split("/");
  if (backend !== "" && server !== "" && rest.length === 0) return { backend, server };
  throw new InvalidArgumentError("Write BACKEND/SERVER, such as web/web1.");
}
