// Addresses as a configuration writes them, read into the plain data of address.ts. The schema calls
// it for binds and servers. It asks no resolver and opens nothing.
import { isIPv4, isIPv6, SocketAddress as NodeSocketAddress } from "node:net";
import { formatAddress, type NamedAddress, type SocketAddress } from "./address.ts";
import { accept, quoted, type Reading, reject, shown } from "./reading.ts";

/** Where a frontend listens; `any` is `:80`, every address that this machine has. */
export type BindAddress = SocketAddress | { readonly family: "any"; readonly port: number };
export type ServerAddress = SocketAddress | NamedAddress;

type Host = { readonly family: "ipv4" | "ipv6" | "name" | "none"; readonly host: string };

/** sun_path of sockaddr_un has 108 bytes on Linux, the last one being the terminator. */
const unixPathMax = 107;
/** RFC 1035 section 2.3.4. */
const nameMax = 253;
const label = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
const formHint = "Write 127.0.0.1:80, [::1]:80, :80 or unix:/run/app.sock.";

/** A bind: an IP address, `localhost` (127.0.0.1), `:80`, or a unix socket. Port 0: the kernel's choice. */
export function parseBindAddress(input: unknown): Reading<BindAddress> {
  const reading = parse(input);
  if (!reading.ok) return reading;
  if (reading.value.family === "unix") return accept(reading.value);
  const { family, host, port } = reading.value;
  if (family === "none") return accept({ family: "any", port });
  if (family !== "name") return accept({ family, host, port });
  if (host.toLowerCase() === "localhost")
    return accept({ family: "ipv4", host: "127.0.0.1", port });
  return reject(
    `${shown(input)} is a name, and a frontend binds to an address of this machine`,
    `Write the IP address, or :${port} for all addresses.`,
  );
}

/** A server: an IP address, a name, `:80` (127.0.0.1), or a unix socket. */
export function parseServerAddress(input: unknown): Reading<ServerAddress> {
  const reading = parse(input);
  if (!reading.ok) return reading;
  if (reading.value.family === "unix") return accept(reading.value);
  const { family, host, port } = reading.value;
  if (port === 0) {
    return reject(`${shown(input)} has port 0`, "Write the port that the server listens on.");
  }
  if (family === "none") return accept({ family: "ipv4", host: "127.0.0.1", port });
  return accept({ family, host, port });
}

/** A name server, as `host:port`: an IP address, with port 53 unless another is written. */
export function parseNameServer(input: unknown): Reading<string> {
  const text = typeof input === "string" ? input : "";
  const bracketed = isIPv6(text) ? `[${text}]` : text;
  const hasPort = /:[0-9]+$/.test(bracketed);
  const reading = parse(hasPort ? bracketed : `${bracketed}:53`);
  if (reading.ok && (reading.value.family === "ipv4" || reading.value.family === "ipv6")) {
    const { family, host, port } = reading.value;
    if (port > 0) return accept(formatAddress({ family, host, port }));
  }
  return reject(
    `${shown(input)} is not the address of a name server`,
    "Write an IP address, such as 192.0.2.53 or 192.0.2.53:5353.",
  );
}

type Parts =
  | (Host & { readonly port: number })
  | { readonly family: "unix"; readonly path: string };

function parse(input: unknown): Reading<Parts> {
  if (typeof input === "number") {
    return reject(`${input} is not an address`, `Write ":${input}" for a port of this machine.`);
  }
  if (typeof input !== "string") return reject(`${shown(input)} is not an address`, formHint);
  if (input.startsWith("unix:")) return parsePath(input.slice("unix:".length));
  if (input.startsWith("/"))
    return reject(`${shown(input)} is not an address`, "Write unix:/PATH.");
  const scheme = /^[a-z+]+:\/\//i.exec(input);
  if (scheme) {
    const rest = input.slice(scheme[0].length).replace(/\/.*$/, "");
    return reject(`${shown(input)} is a URL`, `Write only HOST:PORT, such as ${quoted(rest)}.`);
  }
  if (/^address:\S/.test(input)) {
    return reject(`${shown(input)} is not an address`, 'Put a space after "address:".');
  }
  const colon = input.lastIndexOf(":");
  const hostText = colon < 0 ? input : input.slice(0, colon);
  const portText = colon < 0 ? "" : input.slice(colon + 1);
  if (isIPv6(input) || (hostText.includes(":") && /^[0-9a-f:.]+$/i.test(hostText))) {
    // `::1:8000` is an IPv6 address as a whole too, but hardly what was meant.
    const isWhole = isIPv6(input) && !(isIPv6(hostText) && /^[1-9][0-9]{1,4}$/.test(portText));
    return reject(
      `${shown(input)} is an IPv6 address without brackets`,
      `Write ${quoted(isWhole ? `[${input}]:PORT` : `[${hostText}]:${portText}`)}.`,
    );
  }
  if (colon < 0 || input.endsWith("]")) {
    if (/^[0-9]+$/.test(input))
      return reject(`${shown(input)} is only a port`, `Write ":${input}".`);
    return reject(`${shown(input)} has no port`, `Write ${quoted(`${input}:80`)}, with its port.`);
  }
  const host = parseHost(hostText, input);
  if (!host.ok) return host;
  if (!/^[0-9]{1,5}$/.test(portText) || Number(portText) > 65_535) {
    return reject(`${shown(input)} has no valid port`, "A port is a number from 1 to 65535.");
  }
  return accept({ ...host.value, port: Number(portText) });
}

function parseHost(text: string, whole: string): Reading<Host> {
  if (text === "") return accept({ family: "none", host: "" });
  if (text === "*") {
    return reject(
      `${shown(whole)} is not an address`,
      `Write ${quoted(whole.slice(1))} for all addresses.`,
    );
  }
  if (text.startsWith("[") && text.endsWith("]")) return parseBracketed(text.slice(1, -1), whole);
  if (isIPv4(text)) return accept({ family: "ipv4", host: text });
  if (/^[0-9.]+$/.test(text)) {
    return reject(
      `${shown(whole)} is not a valid IPv4 address`,
      "Write four numbers from 0 to 255 with dots between them.",
    );
  }
  const labels = text.replace(/\.$/, "").split(".");
  if (text.length <= nameMax && labels.every((part) => label.test(part))) {
    return accept({ family: "name", host: text });
  }
  return reject(`${shown(whole)} is not an address`, formHint);
}

function parseBracketed(text: string, whole: string): Reading<Host> {
  if (text.includes("%")) {
    return reject(
      `${shown(whole)} names a network interface`,
      "Link-local addresses with a zone are not supported; write another address.",
    );
  }
  if (!isIPv6(text)) {
    return reject(`${shown(whole)} is not a valid IPv6 address`, "Write it like [::1]:80.");
  }
  // One spelling per address, so that the same bind written in two ways is seen to be the same.
  const { address } = new NodeSocketAddress({ address: text, family: "ipv6" });
  return accept({ family: "ipv6", host: address });
}

function parsePath(path: string): Reading<Parts> {
  if (!path.startsWith("/")) {
    return reject(`${quoted(`unix:${path}`)} is not an absolute path`, "Write unix:/run/app.sock.");
  }
  if (path.includes("\0")) {
    return reject(`${quoted(`unix:${path}`)} contains a NUL character`, "Write another path.");
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > unixPathMax) {
    return reject(
      `the path of this unix socket has ${bytes} bytes`,
      `The kernel takes ${unixPathMax} at most; use a shorter one.`,
    );
  }
  return accept({ family: "unix", path });
}
