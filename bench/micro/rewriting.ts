// `node .tools/bench/micro/rewriting.js`: what it costs to change the head of a request and to write it,
// in nanoseconds. Each turn parses the head first, as for every request, because rewriting changes it;
// the first row is that alone, and the others have it taken off.
import process from "node:process";
import type { HeaderOperations, RequestRewrite } from "../../src/config/rewrite-plan.ts";
import { Parsed } from "../../src/http/h1/fault.ts";
import { ConnectionField } from "../../src/http/h1/field-writer.ts";
import { RequestParser } from "../../src/http/h1/request-parser.ts";
import { writeRequest } from "../../src/http/h1/request-writer.ts";
import type { SocketAddress } from "../../src/config/address.ts";
import { compileForwarding } from "../../src/proxy/http/rewriting/forwarding.ts";
import {
  compileRequestId,
  RequestId,
  RequestIds,
} from "../../src/proxy/http/rewriting/request-ids.ts";
import { compileRequestRewriter } from "../../src/proxy/http/rewriting/request-rewriter.ts";
import type { RewriteContext } from "../../src/proxy/http/rewriting/rewrite-context.ts";
import { median } from "../statistics.ts";
import { measure } from "./cpu-cost.ts";

const rounds = 9;
const head = [
  "GET /api/items/12345?page=2 HTTP/1.1",
  "Host: www.example.com",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "Accept-Language: en-US,en;q=0.5",
  "Accept-Encoding: gzip, deflate, br",
  "Connection: keep-alive",
];
const bytes = Buffer.from(`${head.join("\r\n")}\r\n\r\n`);
const parser = new RequestParser({ headBytes: 16_384, headerCount: 100, uriBytes: 8192 });
const out = new Uint8Array(16_384);
const fallbackHost = Buffer.from("web1:8080");
const client: SocketAddress = { family: "ipv4", host: "192.0.2.7", port: 40_000 };
const requestId = new RequestId();
const ids = new RequestIds();

const context: RewriteContext = {
  request: parser.head,
  peer: client,
  client,
  peerTrusted: false,
  bindPort: 443,
  tls: null,
  secure: false,
  requestId,
  frontendName: "edge",
  backendName: "web",
  serverName: "web1",
  status: 0,
};

interface Case {
  readonly label: string;
  readonly change: () => void;
  /** The head is written, too. */
  readonly writes: boolean;
}

function setting(value: HeaderOperations["set"][number]["value"]): HeaderOperations {
  return { set: [{ name: "x-client", value }], add: [], remove: [] };
}

function rewriting(changes: Partial<RequestRewrite>): () => void {
  const rewriter = compileRequestRewriter([
    { headers: { set: [], add: [], remove: [] }, path: [], host: null, ...changes },
  ]);
  return () => rewriter?.apply(parser.head, context);
}

const forwarding = compileForwarding("x-forwarded");
const idField = compileRequestId("x-request-id");
const setFixed = rewriting({ headers: setting([{ kind: "text", text: "ballast" }]) });
const ip = { kind: "variable", variable: "client.ip", argument: "" } as const;
const userAgent = { kind: "variable", variable: "header", argument: "user-agent" } as const;
const setVariable = rewriting({ headers: setting([ip, { kind: "text", text: " " }, userAgent]) });
const stripPrefix = rewriting({ path: [{ kind: "stripPrefix", prefix: "/api" }] });

const cases: readonly Case[] = [
  { label: "write alone", writes: true, change: () => undefined },
  { label: "X-Forwarded-*", writes: false, change: () => forwarding?.apply(parser.head, context) },
  { label: "a fixed header set", writes: false, change: setFixed },
  { label: "a header set with two variables", writes: false, change: setVariable },
  { label: "a prefix stripped", writes: false, change: stripPrefix },
  {
    label: "a request id",
    writes: false,
    change: () => {
      requestId.clear();
      idField?.apply(parser.head, requestId, ids, false, 1_800_000_000_000);
    },
  },
  {
    label: "X-Forwarded-*, a fixed header set, and written",
    writes: true,
    change: () => {
      forwarding?.apply(parser.head, context);
      setFixed();
    },
  },
];

function parse(): void {
  if (parser.parse(bytes, 0, bytes.length, null) !== Parsed.done) throw new Error("refused");
}

function runOf({ change, writes }: Case): (turns: number) => void {
  return (turns) => {
    for (let i = 0; i < turns; i++) {
      parse();
      change();
      if (!writes) continue;
      if (writeRequest(parser.head, ConnectionField.unsaid, fallbackHost, out, 0) < 0) {
        throw new Error("no room");
      }
    }
  };
}

function parseOnly(turns: number): void {
  for (let i = 0; i < turns; i++) parse();
}

function figure(all: readonly number[]): string {
  return `${median(all).toFixed(0)} (${Math.min(...all).toFixed(0)})`;
}

function main(): void {
  const parsing: number[] = [];
  const costs = cases.map((each) => ({ label: each.label, run: runOf(each), all: [] as number[] }));
  for (let round = 0; round <= rounds; round++) {
    for (const { run, all } of costs) {
      // Side by side, so that a slow moment of the machine is in both.
      const base = measure(parseOnly);
      const whole = measure(run);
      // The first round warms up.
      if (round === 0) continue;
      parsing.push(base);
      all.push(Math.max(0, whole - base));
    }
  }
  console.log(
    `ns per request with a head of ${bytes.length} bytes: median of ${rounds} rounds (least);`,
  );
  console.log(`node ${process.version}\n`);
  console.log(`| work | ns |\n| --- | ---: |\n| parse alone | ${figure(parsing)} |`);
  for (const { label, all } of costs) console.log(`| ${label} | ${figure(all)} |`);
}

main();
