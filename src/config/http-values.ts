// Leaves of http mode that several schemas use: names of headers, texts that stand in headers, with
// variables or without, sizes, networks, names of cookies.
import type { z } from "zod";
import { isHeaderName } from "./check-values.ts";
import { newIpGroups } from "./ip-groups.ts";
import { parseIp } from "./ip-scan.ts";
import { leaf } from "./leaf.ts";
import { formatSize, parseSize, sizePattern } from "./quantities.ts";
import { accept, type Reading, reject, shown } from "./reading.ts";
import type { Template } from "./rewrite-plan.ts";
import { parseTemplate, type TemplatePlace } from "./template.ts";

/** Text; a number or a boolean is its text where `scalars`. */
export function textOf(input: unknown, scalars = false): Reading<string> {
  if (typeof input === "string") return accept(input);
  const scalar = typeof input === "number" || typeof input === "boolean";
  if (scalar && scalars) return accept(String(input));
  const hint = scalar ? `Put it between quotes: "${input}".` : "Write one text.";
  return reject(`${shown(input)} is not text`, hint);
}

/** Bytes from `minimum` to `maximum`. */
export function size(minimum: number, maximum: number): z.ZodType<number> {
  return leaf((input) => parseSize(input, minimum, maximum), {
    title: `size, ${formatSize(minimum)} to ${formatSize(maximum)}`,
    anyOf: [...(minimum === 0 ? [{ const: 0 }] : []), { type: "string", pattern: sizePattern }],
    examples: ["16KiB"],
  });
}

/** The name of a header, in lower case. */
export const headerName: z.ZodType<string> = leaf(readHeaderName, {
  title: "name of a header",
  type: "string",
  examples: ["user-agent"],
});

export function readHeaderName(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok) return text;
  if (isHeaderName(text.value)) return accept(text.value.toLowerCase());
  const hint = "Names of headers have letters, digits and -.";
  return reject(`${shown(input)} cannot be the name of a header`, hint);
}

/** RFC 9110 section 5.5: visible ASCII, blanks and tabs; no line may follow from it. */
const inHeader = /^[\t\x20-\x7e]*$/;

/** A header's value with variables in it. */
export function headerTemplate(place: TemplatePlace): z.ZodType<Template> {
  return leaf((input) => readHeaderTemplate(input, place), {
    title: "text with variables",
    type: ["string", "number", "boolean"],
    examples: ["{client.ip}"],
  });
}

function readHeaderTemplate(input: unknown, place: TemplatePlace): Reading<Template> {
  const text = textOf(input, true);
  if (!text.ok) return text;
  if (!inHeader.test(text.value)) {
    return reject(
      `${shown(input)} cannot stand in a header`,
      "Write ASCII characters on one line.",
    );
  }
  return parseTemplate(text.value, place);
}

/** Part of a URL with variables in it; `begins` and `form` say what it looks like. */
export function urlTemplate(
  place: TemplatePlace,
  begins: RegExp,
  form: string,
  example: string,
): z.ZodType<Template> {
  const read = (input: unknown): Reading<Template> => {
    const text = textOf(input);
    if (!text.ok) return text;
    if (!/^[!-~]+$/.test(text.value)) {
      const hint = "Write other characters as %NN, a blank as %20.";
      return reject(`${shown(input)} is not ${form}`, hint);
    }
    if (!begins.test(text.value)) {
      return reject(`${shown(input)} is not ${form}`, `Write one such as ${example}.`);
    }
    return parseTemplate(text.value, place);
  };
  return leaf(read, { title: `${form}, with variables`, type: "string", examples: [example] });
}

const groups = newIpGroups();

/** One address, or a network whose host bits are 0. */
export const network: z.ZodType<string> = leaf(readNetwork, {
  title: "address or network",
  type: "string",
  examples: ["10.0.0.0/8"],
});

export function readNetwork(input: unknown): Reading<string> {
  const text = typeof input === "string" ? input : "";
  const [, host = "", bits] = /^([^/%]*)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  const family = host.includes(":") ? "ipv6" : "ipv4";
  const width = family === "ipv4" ? 32 : 128;
  const length = bits === undefined ? width : Number(bits);
  if (length <= width && parseIp(family, host, groups)) {
    if (hostBitsAreZero(family === "ipv4" ? length + 96 : length)) return accept(text);
    const hint = `Write ${host} for this address alone, or the first address of the network.`;
    return reject(`${shown(input)} has bits set beyond its /${length}`, hint);
  }
  return reject(
    `${shown(input)} is neither an IP address nor a network`,
    "Write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32.",
  );
}

function hostBitsAreZero(from: number): boolean {
  for (let bit = from; bit < 128; bit++) {
    if ((((groups[bit >> 4] ?? 0) >> (15 - (bit & 15))) & 1) === 1) return false;
  }
  return true;
}

/** RFC 6265 section 4.1.1: a token. */
export const cookieName: z.ZodType<string> = leaf(readCookieName, {
  title: "name of a cookie",
  type: "string",
  examples: ["SRV"],
});

function readCookieName(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok || isHeaderName(text.value)) return text;
  const hint = "Names of cookies have letters, digits, _ and -.";
  return reject(`${shown(input)} cannot be the name of a cookie`, hint);
}

/** A media type, such as text/html; charset=utf-8. */
export const contentType: z.ZodType<string> = leaf(readContentType, {
  title: "media type",
  type: "string",
  examples: ["text/html; charset=utf-8"],
});

function readContentType(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok || /^[A-Za-z0-9.+-]+\/[A-Za-z0-9.+-]+( *;[ -~]*)?$/.test(text.value)) return text;
  return reject(`${shown(input)} is not a media type`, "Write one such as text/html.");
}
