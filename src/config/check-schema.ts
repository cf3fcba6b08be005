// The schema of `check`, of a backend and of a server alike. schema files of both import it; which
// keys contradict each other is said in check-semantics.ts.
import { z } from "zod";
import { builtin, streakMax } from "./builtin.ts";
import type { CheckConfig, HttpCheckConfig } from "./check-config.ts";
import type { TcpStep } from "./check-plan.ts";
import {
  body,
  bytes,
  headerValue,
  hexBytes,
  hostName,
  httpMethod,
  httpPath,
  regex,
  status,
  word,
} from "./check-values.ts";
import { key, map, oneOrMore } from "./keys.ts";
import { serverTls } from "./server-tls-schema.ts";
import { count, onOff, positiveDuration, serverAddress } from "./value-schemas.ts";

const preset = builtin.check;

const stepKeys = {
  send: key(bytes, "Sends these bytes."),
  sendHex: key(hexBytes, "Sends these bytes, for what is no text."),
  expect: key(bytes, "Waits until what was received contains these bytes."),
  expectRegex: key(regex, "Waits until what was received matches, each byte being a character."),
};

interface StepKeys {
  readonly send?: Uint8Array | undefined;
  readonly sendHex?: Uint8Array | undefined;
  readonly expect?: Uint8Array | undefined;
  readonly expectRegex?: string | undefined;
}

/** What is sent is sent first; a banner that the server begins with wants a list of steps. */
function stepsOf({ send, sendHex, expect, expectRegex }: StepKeys): TcpStep[] {
  return [
    ...(send ? [{ send }] : []),
    ...(sendHex ? [{ send: sendHex }] : []),
    ...(expect ? [{ expect }] : []),
    ...(expectRegex === undefined ? [] : [{ regex: expectRegex }]),
  ];
}

const steps = map(stepKeys, { expect: "+OK" });

const tcp: z.ZodType<readonly TcpStep[]> = z
  .union([
    steps.transform(stepsOf),
    z
      .array(steps)
      .min(1)
      .transform((list) => list.flatMap(stepsOf)),
  ])
  .meta({
    title: "object, or a list of them",
    examples: [{ send: "PING\\r\\n", expect: "+PONG" }],
  });

const http: z.ZodType<HttpCheckConfig> = map(
  {
    path: key(httpPath, "What is asked for: path and query.", preset.path),
    method: key(httpMethod, "The method of the request.", preset.method),
    host: key(hostName, "The Host header. Default: the address and port that is checked."),
    headers: key(
      z.record(z.string(), headerValue).meta({ examples: [{ "x-probe": "ballast" }] }),
      "Further headers of the request.",
    ),
    status: key(
      oneOrMore(status, "status, range, or a list of them"),
      "The statuses that mean up.",
      preset.status,
    ),
    body: key(
      body,
      "What the body of the answer must contain, or after `~` match as a regular expression.",
    ),
  },
  { path: "/healthz" },
);

const exec = map(
  {
    command: z
      .array(word)
      .min(1)
      .meta({
        title: "list of words",
        description:
          "The program and its arguments; no shell reads them. A program that is written without a " +
          "slash is looked up in PATH.",
        examples: [["/usr/local/bin/check-app"]],
      }),
  },
  { command: ["/usr/local/bin/check-app"] },
);

/** Switched on or off, or how it is done. */
export const check: z.ZodType<CheckConfig | boolean> = z
  .union([
    onOff("check", "{ interval: 2s }"),
    map(
      {
        interval: key(positiveDuration, "From one check to the next.", preset.interval),
        timeout: key(
          positiveDuration,
          "For one check as a whole, from connecting to the last byte. Default: `interval`.",
        ),
        rise: key(count(1, streakMax), "Successes in a row that bring a server up.", preset.rise),
        fall: key(count(1, streakMax), "Failures in a row that take it down.", preset.fall),
        fastInterval: key(
          positiveDuration,
          "`interval` while it is changing: some of the checks in a row have been done. Default: `interval`.",
        ),
        downInterval: key(positiveDuration, "`interval` while it is down. Default: `interval`."),
        address: key(serverAddress, "Checks this address instead of the server's own."),
        port: key(count(1, 65_535), "Checks this port instead of the address's own."),
        sendProxy: key(
          z.enum(["v1", "v2", "off"]),
          "PROXY protocol header of the check. Default: what the server gets, but `off` beside a " +
            "`port` or `address` of its own.",
        ),
        tls: key(
          serverTls,
          "TLS of the check. Keys that are written here replace those of the server's own `tls`. " +
            "Default: what the server gets, but `false` beside a `port` or `address` of its own.",
        ),
        initState: key(
          z.enum(["up", "fullyUp", "down", "fullyDown"]),
          "Before the first check: `up`, and one failure takes it down; `fullyUp`, and it takes `fall` " +
            "failures; `down`, and one success brings it up; `fullyDown`, and it takes `rise`.",
          preset.initState,
        ),
        tcp: key(
          tcp,
          "The connection must be established, and the conversation, if any, go as written: in an " +
            "object what is sent goes first, in a list each item is one step.",
        ),
        http: key(http, "Asks over HTTP/1.1 and looks at the answer."),
        exec: key(
          exec,
          "Runs a program: exit code 0 is up. Its environment has BALLAST_SERVER_ADDRESS, " +
            "BALLAST_SERVER_PORT, BALLAST_SERVER_NAME, BALLAST_BACKEND and BALLAST_CHECK_ID.",
        ),
      },
      { interval: "2s" },
    ),
  ])
  .meta({ title: "`true`, `off`, or object", examples: [{ interval: "2s" }] });
