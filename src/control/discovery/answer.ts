// What a resolver says of a name: addresses, or why there are none, in words for people.
import type { SocketAddress } from "../../config/address.ts";

export type Family = "ipv4" | "ipv6";

export interface HostAddress {
  readonly family: Family;
  readonly host: string;
}

export interface Answer {
  /** Never empty; in the order of the answer, IPv4 before IPv6 from a name server. */
  readonly addresses: readonly HostAddress[];
  /** For how long it holds; null: nobody says. */
  readonly ttlMs: number | null;
  /** A family that could not be asked for while the other one was answered. */
  readonly missing: Family | null;
}

/** Codes of c-ares and getaddrinfo(3) that an operator may meet. */
const meanings: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such name",
  ENODATA: "the name has no address",
  ESERVFAIL: "the name server failed",
  EREFUSED: "the name server refuses",
  ECONNREFUSED: "nobody listens at the name server's address",
  EBADRESP: "the name server's answer makes no sense",
  EFORMERR: "the name server does not understand the question",
  EBADNAME: "that is not a name",
  ETIMEOUT: "no answer in time",
  EAI_AGAIN: "no name server answers",
};

export class ResolveFailure extends Error {
  /** An answer all the same: there is nothing. False: nobody knows. */
  readonly final: boolean;

  constructor(message: string, final = false) {
    super(message);
    this.final = final;
  }

  static of(error: unknown): ResolveFailure {
    if (error instanceof ResolveFailure) return error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    const final = code === "ENOTFOUND" || code === "ENODATA";
    return new ResolveFailure(meanings[code] ?? message, final);
  }
}

export function sameHost(a: HostAddress | null, b: HostAddress | null): boolean {
  return a?.host === b?.host;
}

export function withPort({ family, host }: HostAddress, port: number): SocketAddress {
  return { family, host, port };
}
