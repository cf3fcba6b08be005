// Messages of HTTP/1.1 that must be read, one of each kind: tests of the codec split and mutate them.
// Each character is one byte.

/** `lines("a", "")`: a line and the empty one. */
export function lines(...all: string[]): string {
  return all.map((line) => `${line}\r\n`).join("");
}

export const requestSamples: readonly string[] = [
  lines("GET / HTTP/1.1", "Host: x", ""),
  lines("GET /a/b;c=%20d?e=f&g?h HTTP/1.1", "host:example.com:8080", "A: 1 \t ", "a:\t2", "B:", ""),
  lines("", "", "HEAD /? HTTP/1.1", "Host: [2001:db8::1]:80", 'Cookie: a=b; c="d"', ""),
  lines("GET / HTTP/1.0", ""),
  lines("GET /k HTTP/1.0", "Connection: keep-alive", "") + lines("GET /l HTTP/1.0", ""),
  lines("GET http://Example.com:80/p?q HTTP/1.1", "Host: example.COM", ""),
  lines("OPTIONS http://x HTTP/1.1", "Host: x", ""),
  lines("OPTIONS * HTTP/1.1", "Host: x", ""),
  lines("CONNECT example.com:443 HTTP/1.1", "Host: example.com:443", "") + "\x16\x03\x01 tunnel",
  `${lines("POST / HTTP/1.1", "Host: x", "Content-Length: 12", "")}hello\r\n\r\nyou` +
    lines("GET /second HTTP/1.1", "Host: y", "Connection: close", "") +
    lines("GET /never HTTP/1.1", "Host: z", ""),
  lines("PUT /c HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "Trailer: Digest", "") +
    lines("5", "hello", '00a;n;m=v;o="p\\" q"', "0123456789", "0", "Digest: abc", "Empty:", "") +
    lines("DELETE /d HTTP/1.1", "Host: x", "Content-Length: 0", ""),
  lines("POST /e HTTP/1.1", "Host: x", "transfer-encoding: CHUNKED", "") + lines("0", ""),
  `${lines("POST / HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 3", "")}abc`,
  lines(
    "GET /w HTTP/1.1",
    "Host: x",
    "Connection: Upgrade, x-a",
    "Upgrade: websocket",
    "X-A: 1",
    "",
  ) + "\x81\x05",
  lines("GET / HTTP/1.1", "Host: x", "TE: trailers", "Connection: TE, close", "X: \x80\xff", ""),
  lines("PATCH /~!$&'()*+,;=:@\"<>\\^`{|} HTTP/1.1", "Host:", "!#$%&'*+-.^_`|~09aZ: ok", ""),
];

export const responseSamples: readonly string[] = [
  `${lines("HTTP/1.1 200 OK", "Content-Length: 5", "Server: x", "")}hello`,
  lines(
    "HTTP/1.1 200 Very \x80 OK\t",
    "Set-Cookie: a",
    "Set-Cookie: b",
    "Transfer-Encoding: chunked",
    "",
  ) + lines("3;a=b", "a\r\n", "F", "0123456789abcde", "0", "Digest: x", ""),
  `${lines("HTTP/1.1 404 ", "")}until\r\n\r\nclose`,
  `${lines("HTTP/1.0 500 no", "Connection: keep-alive", "Content-Length: 2", "")}no`,
  lines("HTTP/1.1 204 No Content", "Connection: close", ""),
  lines("HTTP/1.1 304 Not Modified", "Content-Length: 12", 'ETag: "x"', ""),
  lines("HTTP/1.1 100 Continue", "") +
    lines("HTTP/1.1 103 Early Hints", "Link: </a>", "") +
    `${lines("HTTP/1.1 201 Created", "Content-Length: 1", "")}x`,
  lines("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: websocket", "") +
    "\x81\x00",
  lines("HTTP/1.1 200 OK", "Content-Length: 0", "") +
    `${lines("HTTP/1.1 200 OK", "Content-Length: 1", "")}x`,
];
