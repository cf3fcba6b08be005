// Who may use the admin API. Looked at before anything else of a request: first that no web page is
// behind it, then the token. Throws the refusal.
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { SocketAddress } from "../../config/address.ts";
import type { AdminPlan } from "../../config/plan.ts";
import { ApiError } from "./api-error.ts";

/**
 * Whether an address may be opened without a token: what reaches it is on this machine, and for a
 * unix socket the file's permissions decide.
 */
export function isLocal(address: SocketAddress): boolean {
  if (address.family === "unix") return true;
  if (address.family === "ipv6") return /^(::1|::ffff:127\.[0-9.]+)$/i.test(address.host);
  return address.host.startsWith("127.");
}

/** Throws a 401 or 403 unless the request may be answered. */
export function authorise(request: IncomingMessage, { address, token }: AdminPlan): void {
  refusePages(request, address.family === "unix" || token !== "");
  if (token === "" || carries(request, token)) return;
  const missing = request.headers.authorization === undefined;
  throw new ApiError(
    401,
    missing
      ? "a token is needed: send Authorization: Bearer TOKEN (global.admin.token)"
      : "the token is not the one of global.admin.token",
    { "www-authenticate": 'Bearer realm="ballast"' },
  );
}

/**
 * A browser on this machine can be made to send requests by any page that it shows. Such a request
 * carries the page's Origin or Sec-Fetch-Site; and where neither is sent (a page that was loaded
 * from a name which now resolves to us, so that it is of the same origin) that name is its Host. No
 * page can set a Bearer token that it does not know, so with a token names are fine.
 */
function refusePages({ headers }: IncomingMessage, anyHost: boolean): void {
  const { host = "", origin } = headers;
  if (!anyHost && host !== "" && !isLiteral(host)) {
    throw new ApiError(
      403,
      `requests to the name ${JSON.stringify(host)} are refused, because without a token a web page ` +
        `could make them: use the IP address or localhost, or set global.admin.token`,
    );
  }
  const foreign =
    origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
  const site = headers["sec-fetch-site"];
  const crossing = site === "cross-site" || site === "same-site";
  if (foreign || (crossing && headers["sec-fetch-mode"] !== "navigate")) {
    throw new ApiError(403, "requests of pages from elsewhere are refused");
  }
}

/** An IP address or `localhost`, with a port or without. */
function isLiteral(host: string): boolean {
  const name = host.replace(/:[0-9]*$/, "");
  if (name.startsWith("[")) return isIP(name.slice(1, -1)) === 6;
  return isIP(name) === 4 || name.toLowerCase() === "localhost";
}

/** Hashes first: they have one length, and the time to compare says nothing of the token. */
function carries({ headers }: IncomingMessage, token: string): boolean {
  const sent = /^Bearer +(\S.*)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  // Node reads headers as latin1, whatever bytes they are.
  const bytes = Buffer.from(sent.trimEnd(), "latin1");
  return timingSafeEqual(hash(bytes), hash(Buffer.from(token, "utf8")));
}

function hash(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
