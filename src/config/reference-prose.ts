// The parts of docs/configuration.md that are no tables. reference.ts puts the tables between them.
// The example is read by a test, so it stays valid.

/** A complete file, as the reference shows it. */
export const example: string = `global:
  workers: auto
  log: { access: stdout, format: json }

defaults:
  mode: tcp
  timeout: { connect: 5s }
  retries: 3

frontends:
  edge:
    bind:
      - :8080
      - { address: "[::1]:8081", acceptProxy: true }
    maxconn: 20000
    backend: web
  site:
    mode: http
    bind: :8000
    forwardedFor: true
    timeout: { httpRequest: 10s, httpKeepAlive: 60s }
    routes: # first match wins
      - { match: { host: "*.example.com", path: "/images/*" }, backend: images }
      - { match: { path: /old, method: [GET, HEAD] }, redirect: { to: /new, status: 301 } }
      - { match: { cookie: { group: b }, source: 10.0.0.0/8 }, backend: { app: 90, images: 10 } }
      - { match: { path: "/private/*" }, respond: { status: 403, body: "no\\n" } }
    backend: app # when no route matched

backends:
  app:
    cookie: { name: SRV, mode: insert }
    retry: { on: [connFailure, emptyResponse, 503] }
    servers: { app1: 127.0.0.1:9001, app2: 127.0.0.1:9002 }
  images:
    balance: { hash: path }
    servers: { images1: 127.0.0.1:9011, images2: 127.0.0.1:9012 }
  web:
    balance: leastconn
    check: { interval: 2s, timeout: 1s, http: { path: /healthz, status: 200-399 } }
    failover: [web-eu]
    servers:
      web1: 127.0.0.1:8001
      web2: { address: 127.0.0.1:8002, weight: 3, maxconn: 200, slowstart: 30s }
      web3: { address: unix:/run/web3.sock, sendProxy: v2, backup: true }
  web-eu:
    balance: { hash: source, boundedLoad: 1.25 }
    tls: { serverName: eu.example.com }
    servers:
      eu1: eu1.example.com:8001
      eu2: eu2.example.com:8001
`;

export const before: string = `# Configuration

<!-- Generated from the schema by \`node scripts/generate.mjs\`; change src/config/ instead. -->

One YAML file. \`ballast check -c FILE\` tells every problem in it at once, with line, column and what
to do. Editors complete and check it with \`schema/ballast.schema.json\`.

\`\`\`yaml
${example}\`\`\`

## Values

- **Duration**: \`250ms\`, \`5s\`, \`1m\`, \`2h\`, \`1d\`: a whole number and its unit. \`0\` needs none. The
  longest is 24 days.
- **Size**: \`16KiB\`, \`1MiB\`: a whole number and \`B\`, \`KiB\`, \`MiB\` or \`GiB\`. \`0\` needs none.
- **Address**: \`127.0.0.1:80\`, \`[::1]:80\`, \`:80\`, \`example.com:80\`, \`unix:/run/app.sock\`. YAML wants
  quotes around one that begins with a bracket: \`"[::1]:80"\`.
  - For a bind, \`:80\` means all addresses, of IPv6 and IPv4 (IPv4 alone where the machine has no
    IPv6). \`localhost\` means 127.0.0.1; other names are refused. Port 0 lets the kernel choose.
  - For a server, \`:80\` means 127.0.0.1, and a name is resolved.
  - The path of a unix socket is absolute and has 107 bytes at most.
- **Count** of a sticky table: a whole number, or with a unit as in HAProxy: \`100k\` is 100 x 1024,
  \`1M\` is 1024 x 1024.
- **Percentage**: \`50%\`, or \`50\`.
- **Text with escapes** (\`send\`, \`expect\`): \`\\r\`, \`\\n\`, \`\\t\`, \`\\\\\` and \`\\xNN\` for any byte; other
  characters are UTF-8. Write it between single quotes. Between double quotes YAML reads the escapes
  first, which is the same for line ends, but its \`\\xNN\` is a character and not a byte.
- **Regular expression**: JavaScript's syntax without look-around and back references, matched in time
  that grows with the text alone. It is about bytes: \`.\` is one byte of UTF-8 and no line end.
  \`^\` and \`$\` are the ends of the whole text.
- **Text with variables**, in http mode: \`{client.ip}\`, \`{client.port}\`, \`{client.address}\` (both),
  \`{bind.port}\`, \`{method}\`, \`{scheme}\`, \`{host}\`, \`{port}\`, \`{path}\`, \`{query}\`, \`{uri}\` (path and
  query), \`{request.id}\`, \`{frontend}\`, \`{header:NAME}\`, \`{query:NAME}\`, \`{cookie:NAME}\`; in \`request\`
  and \`response\` also \`{backend}\` and \`{server}\`, in \`response\` also \`{status}\`. Of TLS with the
  client \`{tls.version}\`, \`{tls.cipher}\`, \`{tls.sni}\`, \`{tls.alpn}\` (the protocol agreed on),
  \`{tls.resumed}\` (\`true\` or \`false\`) and \`{tls.client.subject}\` (of its certificate, as RFC 2253
  writes names). What a request does not have is empty. \`{{\` is a plain \`{\`. YAML wants quotes around
  a text that begins with a brace.
- **File** and **folder** of \`tls\`: a path; without a slash at its beginning it starts where the
  configuration file is. Certificates, keys and lists of revoked ones are PEM.
- **Cipher suites and curves**: OpenSSL's names with colons between them, or a list of such names. What
  OpenSSL on this machine does not know is an error.
- **Server name** of TLS: \`app.example.com\`, in \`match\` also \`*.example.com\` for all that ends so,
  however many labels come before. Other scripts are written as they are sent (\`xn--..\`).
- **Name** of a frontend, backend or server: letters, digits, \`_\`, \`.\` and \`-\`.
- **Environment**: \`\${NAME}\` inside a value is replaced by that variable, \`\${NAME:-default}\` by the
  default when it is not set or empty; \`$\${\` is a plain \`\${\`. Without quotes the result is read as
  YAML would, so that \`weight: \${WEIGHT}\` is a number. Inside \`{ }\` and \`[ ]\` YAML wants quotes
  around it, and then it is text. Keys are not replaced.

Unknown keys are errors. Anchors and aliases work; merging maps with \`<<\` does not, because
\`defaults\` is there for what many share.
`;

export const after: string = `## Timeouts

Each limit says who may be silent for how long; 0 switches it off. A frontend or backend takes its
own value, else the one in \`defaults\`, else the built-in default above.

An established session is ruled by one of two sets of limits:

- by \`tunnel\`, when both sides are silent. This holds when \`tunnel\` is written somewhere, or when
  neither \`client\` nor \`server\` is written anywhere: an hour then.
- by \`client\` and \`server\`, when one of them is written (in \`defaults\`, the frontend or the backend)
  and \`tunnel\` is not. This is what HAProxy does without \`timeout tunnel\`.

In http mode \`client\` and \`server\` rule a request and its response, and \`tunnel\` a connection that was
upgraded, as for WebSocket, in the way just said. \`httpRequest\` rules until the head of a request is
complete, and \`httpKeepAlive\` from a response to the next request.

\`clientFin\` rules once one direction has ended, \`connect\` and \`clientHs\` before a session is
established.

## TLS

\`\`\`yaml
frontends:
  site:
    mode: http
    bind:
      - :80
      - address: :443
        tls:
          certificates:
            - { cert: site.pem, key: site.key, ocsp: fetch }
            - certs # a folder; a single file would hold both certificate and key
    hsts: true
    routes:
      - redirect: { scheme: https } # what came over TLS passes by
    backend: app
  names: # TLS is not ended here, only read
    mode: tcp
    bind: :8443
    routes:
      - { match: { sni: ["*.example.com", example.org] }, backend: passed-on }
backends:
  app:
    tls: { ca: ca.pem }
    servers: { app1: app1.example.com:443, app2: app2.example.com:443 }
  passed-on:
    servers: { s1: 10.0.0.1:443 }
\`\`\`

With clients, \`profile\` is one of Mozilla's Server Side TLS 5.7, and each key beside it replaces its part
of that:

| profile | versions | ciphers up to TLS 1.2 |
|---|---|---|
| \`modern\` | 1.3 | none |
| \`intermediate\` | 1.2, 1.3 | ECDHE and DHE with AES-GCM or ChaCha20 |
| \`old\` | 1.0 to 1.3 | also CBC, RSA key exchange and 3DES, at OpenSSL's security level 0 |

All three have the suites AES-128-GCM, AES-256-GCM and ChaCha20 of TLS 1.3, and the curves X25519, P-256 and
P-384.

With servers, a server's \`tls\` goes over its backend's key by key, and \`check.tls\` over both. A \`cert\` comes
with its own \`key\` and \`passphrase\`, or has its key in the same file. A server's certificate is always verified
unless \`verify: false\` is written: against \`ca\`, or those whom the system trusts, and for \`serverName\`, or the
name or IP address that the server has. A check at another \`address\` or \`port\` speaks TLS only if it says so.

In tcp mode a frontend may have \`routes\`, too. They see what a client says first, whether its TLS ends here or
at the server. What matches none goes to \`backend\`, and is closed without one.
`;
