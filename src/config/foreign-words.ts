// Words of other load balancers, HAProxy first, for things that Ballast calls differently: what
// somebody who comes from there writes out of habit. diagnosis.ts asks before it compares spellings.

/** What is meant, the likeliest first: which of them exists depends on the place. */
const keys: Readonly<Record<string, readonly string[]>> = {
  accept_proxy: ["acceptProxy"],
  addr: ["address"],
  algorithm: ["balance"],
  clitcpka: ["tcpKeepalive"],
  default: ["defaults"],
  default_backend: ["backend"],
  endpoints: ["servers"],
  host: ["address"],
  keepalive: ["tcpKeepalive"],
  lb_policy: ["balance"],
  listen: ["bind", "frontends"],
  listeners: ["frontends"],
  maxconns: ["maxconn"],
  nbproc: ["workers"],
  nbthread: ["workers"],
  proxy_protocol: ["acceptProxy", "sendProxy"],
  send_proxy_v2: ["sendProxy"],
  srvtcpka: ["tcpKeepalive"],
  targets: ["servers"],
  tcpka: ["tcpKeepalive"],
  threads: ["workers"],
  timeouts: ["timeout"],
  upstream: ["backend", "backends"],
  upstreams: ["servers", "backends"],
  use_backend: ["backend"],
};

const values: Readonly<Record<string, readonly string[]>> = {
  err: ["error"],
  httplog: ["haproxy"],
  l4: ["tcp"],
  least_connections: ["leastconn"],
  least_conn: ["leastconn"],
  notice: ["info"],
  round_robin: ["roundrobin"],
  rr: ["roundrobin"],
  static_rr: ["roundrobin"],
  stream: ["tcp"],
  tcplog: ["haproxy"],
  warning: ["warn"],
  wrr: ["roundrobin"],
};

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
