// Words of other load balancers, HAProxy first, for things that Ballast calls differently: what
// somebody who comes from there writes out of habit. diagnosis.ts asks before it compares spellings.

/** What is meant, the likeliest first: which of them exists depends on the place. */
const keys: Readonly<Record<string, readonly string[]>> = {
  accept_proxy: ["acceptProxy"],
  active_health_check: ["check"],
  addr: ["address"],
  algorithm: ["balance"],
  allbackups: ["allBackups"],
  base_ejection_time: ["ejectFor"],
  check_send_proxy: ["sendProxy"],
  clitcpka: ["tcpKeepalive"],
  consecutive5xx: ["consecutiveErrors"],
  consecutive_5xx: ["consecutiveErrors"],
  consecutive_gateway_failure: ["consecutiveErrors"],
  default: ["defaults"],
  default_backend: ["backend"],
  dns: ["resolve"],
  endpoints: ["servers"],
  error_limit: ["consecutiveErrors"],
  expected_statuses: ["status"],
  fail_timeout: ["ejectFor"],
  failure_percentage_threshold: ["errorRate"],
  fallback: ["failover"],
  fastinter: ["fastInterval"],
  hash_balance_factor: ["boundedLoad"],
  hash_key: ["hash"],
  hash_policy: ["hash", "balance"],
  hash_type: ["method", "balance"],
  health: ["check"],
  health_check: ["check"],
  health_checks: ["check"],
  health_interval: ["interval", "check"],
  health_uri: ["path", "check"],
  healthcheck: ["check"],
  healthy_panic_threshold: ["panicThreshold"],
  healthy_threshold: ["rise"],
  host: ["address"],
  hosts: ["servers"],
  httpchk: ["check"],
  inter: ["interval"],
  ip_hash: ["balance"],
  keepalive: ["tcpKeepalive"],
  lb_algorithm: ["balance"],
  lb_policy: ["balance"],
  least_conn: ["balance"],
  listen: ["bind", "frontends"],
  listeners: ["frontends"],
  load_balancing: ["balance"],
  max_connections: ["maxconn"],
  max_conns: ["maxconn"],
  max_ejection_percent: ["maxEjectedPercent"],
  max_ejection_time: ["ejectForMax"],
  max_fails: ["consecutiveErrors", "fall"],
  max_pending_requests: ["maxqueue"],
  max_queue: ["maxqueue"],
  maxconns: ["maxconn"],
  nameserver: ["nameservers"],
  nbproc: ["workers"],
  nbthread: ["workers"],
  observe: ["outlier"],
  "option allbackups": ["allBackups"],
  "option external_check": ["check"],
  "option httpchk": ["check"],
  "option tcp_check": ["check"],
  outlier_detection: ["outlier"],
  passive_health_check: ["outlier"],
  period: ["interval"],
  proxy_protocol: ["acceptProxy", "sendProxy"],
  queue: ["maxqueue"],
  request_volume: ["minSessions"],
  resolver: ["resolve"],
  resolvers: ["resolve"],
  send_binary: ["sendHex"],
  send_proxy_v2: ["sendProxy"],
  slow_start_window: ["window"],
  srvtcpka: ["tcpKeepalive"],
  stats: ["admin"],
  status_codes: ["status"],
  stick_table: ["stick"],
  "stick on": ["stick"],
  sticky: ["stick"],
  sticky_sessions: ["stick"],
  targets: ["servers"],
  tcpka: ["tcpKeepalive"],
  threads: ["workers"],
  timeouts: ["timeout"],
  ttl: ["expire"],
  unhealthy_interval: ["downInterval"],
  unhealthy_threshold: ["fall"],
  upstream: ["backend", "backends"],
  upstreams: ["servers", "backends"],
  uri: ["path"],
  use_backend: ["backend"],
};

const values: Readonly<Record<string, readonly string[]>> = {
  client_ip: ["source"],
  consistent: ["ring"],
  err: ["error"],
  ewma: ["leasttime"],
  hrw: ["rendezvous"],
  httplog: ["haproxy"],
  ip: ["source"],
  ip_hash: ["source"],
  ketama: ["ring"],
  l4: ["tcp"],
  least_connections: ["leastconn"],
  least_conn: ["leastconn"],
  least_request: ["leastconn"],
  least_requests: ["leastconn"],
  least_response_time: ["leasttime"],
  map_based: ["modulo"],
  mod: ["modulo"],
  notice: ["info"],
  peak_ewma: ["leasttime"],
  power_of_two_choices: ["p2c"],
  random_choose_two: ["p2c"],
  random_two: ["p2c"],
  req_ssl_sni: ["sni"],
  "req.ssl_sni": ["sni"],
  ring_hash: ["ring"],
  round_robin: ["roundrobin"],
  rr: ["roundrobin"],
  server_name: ["sni"],
  shutdown: ["shutdownSessions"],
  source_ip: ["source"],
  src: ["source"],
  ssl_fc_sni: ["sni"],
  static_rr: ["roundrobin"],
  stream: ["tcp"],
  tcplog: ["haproxy"],
  two_choices: ["p2c"],
  two_random_choices: ["p2c"],
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
