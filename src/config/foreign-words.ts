// Words of other load balancers, HAProxy first, for things that Ballast calls differently: what
// somebody who comes from there writes out of habit. diagnosis.ts asks before it compares spellings.
import { foreignKeys } from "./foreign-keys.ts";
import { foreignTlsKeys } from "./foreign-tls-keys.ts";

/** What is meant, the likeliest first: which of them exists depends on the place. */
const values: Readonly<Record<string, readonly string[]>> = {
  aggressive: ["always"],
  client_ip: ["source"],
  client_ip_hash: ["source"],
  connect_error: ["connFailure"],
  connect_failure: ["connFailure"],
  consistent: ["ring"],
  err: ["error"],
  error: ["connFailure"],
  ewma: ["leasttime"],
  forwarded: ["rfc7239"],
  gateway_error: ["502"],
  hrw: ["rendezvous"],
  http1: ["http"],
  http_429: ["429"],
  http_500: ["500"],
  http_502: ["502"],
  http_503: ["503"],
  http_504: ["504"],
  httplog: ["haproxy"],
  https: ["http"],
  invalid_header: ["junkResponse"],
  ip: ["source"],
  ip_hash: ["source"],
  ketama: ["ring"],
  l4: ["tcp"],
  l7: ["http"],
  least_conn: ["leastconn"],
  least_connections: ["leastconn"],
  least_request: ["leastconn"],
  least_requests: ["leastconn"],
  least_response_time: ["leasttime"],
  map_based: ["modulo"],
  mod: ["modulo"],
  notice: ["info"],
  off: ["never"],
  on: ["always"],
  peak_ewma: ["leasttime"],
  power_of_two_choices: ["p2c"],
  random_choose_two: ["p2c"],
  random_two: ["p2c"],
  "req.ssl_sni": ["sni"],
  req_ssl_sni: ["sni"],
  reset: ["emptyResponse"],
  retriable_status_codes: ["503"],
  ring_hash: ["ring"],
  round_robin: ["roundrobin"],
  rr: ["roundrobin"],
  server_name: ["sni"],
  shutdown: ["shutdownSessions"],
  source_ip: ["source"],
  src: ["source"],
  src_ip: ["source"],
  ssl_fc_sni: ["sni"],
  static_rr: ["roundrobin"],
  stream: ["tcp"],
  tcplog: ["haproxy"],
  timeout: ["responseTimeout"],
  two_choices: ["p2c"],
  two_random_choices: ["p2c"],
  uri_hash: ["uri"],
  url: ["uri"],
  warning: ["warn"],
  wrr: ["roundrobin"],
};

const keys: Readonly<Record<string, readonly string[]>> = { ...foreignKeys, ...foreignTlsKeys };

/** The one of `known` that the foreign key `word` stands for, or null. */
export function keyMeantBy(word: string, known: readonly string[]): string | null {
  return meantBy(word, keys, known);
}

/** The same for a value. */
export function valueMeantBy(word: string, known: readonly string[]): string | null {
  return meantBy(word, values, known);
}

function meantBy(
  word: string,
  table: Readonly<Record<string, readonly string[]>>,
  known: readonly string[],
): string | null {
  const wanted = snake(word);
  // `send-proxy`, `client_fin`: the same word in another spelling.
  const respelt = known.find((candidate) => snake(candidate) === wanted);
  if (respelt !== undefined) return respelt;
  const meant = Object.hasOwn(table, wanted) ? (table[wanted] ?? []) : [];
  return meant.find((candidate) => known.includes(candidate)) ?? null;
}

function snake(word: string): string {
  const split = word.slice(0, 64).replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  return split.replaceAll("-", "_").toLowerCase();
}
