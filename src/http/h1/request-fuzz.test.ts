// Whatever request the codec accepts, Node's parser, an oracle that is not ours, reads in the same way:
// otherwise a server behind us could see other messages than we do (request smuggling). Where the two
// differ on purpose, the differences are listed here with their reasons, and each must show.
import { METHODS } from "node:http";
import { expect, it } from "vitest";
import {
  readWhole,
  type ReadMessage,
  RequestReading,
} from "../../../test/support/message-reading.ts";
import { lines, requestSamples } from "../../../test/support/message-samples.ts";
import { connectionBytes } from "../../../test/support/mutated.ts";
import { readByNode } from "../../../test/support/node-parser.ts";
import { newTally, seen, type Tally } from "../../../test/support/seen-alike.ts";
import { seeded } from "../../../test/support/seeded.ts";
import { Fault } from "./fault.ts";

const seed = 20_261_121;
const connections = 3000;

/** Why Node may refuse what we accept; undefined: there is no reason. */
function whyStricter(message: ReadMessage, whole: string): string | undefined {
  const method = message.line.slice(0, message.line.indexOf(" "));
  // It knows a list of methods; RFC 9110 section 9.1 leaves it open, and servers have others.
  if (!METHODS.includes(method)) return "unknown method";
  // RFC 9110 section 2.5: a higher minor version is compatible, and the writer sends 1.1.
  if (message.minor === 1 && /HTTP\/1\.[2-9]\r\n/.test(whole)) return "higher minor version";
  // White space around a value is no part of it (RFC 9112 section 5.1), and the writer sends none.
  if (/\nTransfer-Encoding:[^\r]*\t\r/i.test(whole)) return "tab behind the coding";
  return undefined;
}

function compare(whole: string, tally: Tally): void {
  const ours = readWhole(new RequestReading(), whole);
  const theirs = readByNode(whole);
  if (ours.fault !== 0) tally.refused++;
  const disagree = (what: string): void => {
    tally.disagreements.push({ what, whole, ours, theirs });
  };
  for (const [i, message] of ours.messages.entries()) {
    const other = theirs.messages[i];
    // What follows is no HTTP, and Node takes it for none even if it is announced as a body.
    const tunnels = message.facts["upgrades"] === true || message.line.startsWith("CONNECT ");
    // Of a message that neither has read to its end only Node has found something wrong.
    const cutShort = other?.complete === false && (message.complete || ours.fault === 0);
    if (theirs.fault !== "" && (other === undefined || (cutShort && !tunnels))) {
      const reason = whyStricter(message, whole);
      if (reason === undefined) disagree(`Node refuses message ${i}`);
      else tally.stricter.add(reason);
      return;
    }
    if (other === undefined) {
      disagree(`message ${i} is none for Node`);
      return;
    }
    // Of a body that was refused half way each has read some part: the same, but one may have more.
    const hasBody = !tunnels && (message.complete || (ours.fault === 0 && theirs.fault === ""));
    if (seen(message, hasBody) !== seen(other, hasBody)) disagree(`message ${i}`);
    const [part = "", more = ""] = [message.body, other.body].toSorted(
      (a, b) => a.length - b.length,
    );
    if (!tunnels && !more.startsWith(part)) disagree(`body ${i}`);
    tally.accepted++;
  }
  if (ours.over || ours.fault !== 0) return;
  if (theirs.messages.length !== ours.messages.length) disagree("number of messages");
}

it("is read by Node as by us, whatever we accept", () => {
  const chance = seeded(seed);
  const tally = newTally();
  for (const sample of requestSamples) compare(sample, tally);
  for (let i = 0; i < connections; i++) compare(connectionBytes(chance), tally);
  expect(tally.disagreements.slice(0, 3)).toEqual([]);
  expect([...tally.stricter].toSorted()).toEqual([
    "higher minor version",
    "tab behind the coding",
    "unknown method",
  ]);
  // Of what is drawn neither kind may become rare.
  expect(tally.accepted).toBeGreaterThan(connections / 2);
  expect(tally.refused).toBeGreaterThan(connections / 4);
});

it.each<[why: string, text: string, fault: Fault]>([
  ["two hosts", lines("GET / HTTP/1.1", "Host: x", "Host: y", ""), Fault.hostTwice],
  ["no host that can be one", lines("GET / HTTP/1.1", "Host: x/y", ""), Fault.host],
  ["two names for the host", lines("GET http://x/ HTTP/1.1", "Host: y", ""), Fault.hostMismatch],
  ["an asterisk is for OPTIONS", lines("GET * HTTP/1.1", "Host: x", ""), Fault.targetForm],
  ["a fragment is never sent", lines("GET /#a HTTP/1.1", "Host: x", ""), Fault.target],
  ["one space, not two", lines("GET  / HTTP/1.1", "Host: x", ""), Fault.target],
  [
    "chunks in HTTP/1.0, where others see none",
    lines("POST / HTTP/1.0", "Transfer-Encoding: chunked", "", "0", ""),
    Fault.codingInHttp10,
  ],
  [
    "a coding that nobody here understands",
    lines("POST / HTTP/1.1", "Host: x", "Transfer-Encoding: gzip, chunked", "", "0", ""),
    Fault.codingUnknown,
  ],
  [
    "a trailer that routes",
    lines("POST / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "", "0", "Host: y", ""),
    Fault.trailerName,
  ],
  [
    "Connection that names what frames",
    lines("POST / HTTP/1.1", "Host: x", "Connection: content-length", "Content-Length: 0", ""),
    Fault.connectionNames,
  ],
])("refuses what Node takes: %s", (_why, text, fault) => {
  const ours = readWhole(new RequestReading(), text);
  const theirs = readByNode(text);
  expect(ours.fault).toBe(fault);
  expect(theirs.fault).toBe("");
  expect(theirs.messages.map(({ complete }) => complete)).toEqual([true]);
});
