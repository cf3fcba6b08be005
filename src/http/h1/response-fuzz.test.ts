// Whatever response the codec accepts, Node's client, an oracle that is not ours, reads in the same way:
// otherwise a client behind a reused connection could be given a part of another's response. Where the
// two differ on purpose, the differences are listed here with their reasons, and each must show.
import { expect, it } from "vitest";
import {
  readWhole,
  type ReadMessage,
  ResponseReading,
} from "../../../test/support/message-reading.ts";
import { lines, responseSamples } from "../../../test/support/message-samples.ts";
import { answerBytes } from "../../../test/support/mutated-responses.ts";
import { answerToNode } from "../../../test/support/node-client.ts";
import { newTally, seen, type Tally } from "../../../test/support/seen-alike.ts";
import { seeded } from "../../../test/support/seeded.ts";
import { Method } from "../request-head.ts";
import { Fault } from "./fault.ts";

const seed = 20_261_122;
const connections = 2000;
/** Not CONNECT: Node takes each answer to it for a tunnel, and RFC 9110 section 9.3.6 just 2xx. */
const methods = [
  ["GET", Method.get],
  ["POST", Method.post],
  ["HEAD", Method.head],
] as const;

/** Why Node may refuse what we accept; undefined: there is no reason. */
function whyStricter(whole: string): string | undefined {
  // RFC 9110 section 2.5: a higher minor version is compatible, and the writer sends 1.1.
  if (/^HTTP\/1\.[2-9] /m.test(whole)) return "higher minor version";
  return undefined;
}

/** Up to the final one: what comes behind is the answer to nobody's request. */
function answerIn(messages: readonly ReadMessage[]): readonly ReadMessage[] {
  const final = messages.findIndex(({ line }) => !line.startsWith("1") || line.startsWith("101"));
  return final < 0 ? messages : messages.slice(0, final + 1);
}

async function compare(
  whole: string,
  [name, method]: (typeof methods)[number],
  tally: Tally,
): Promise<void> {
  const reading = new ResponseReading(method);
  const ours = readWhole(reading, whole);
  reading.end();
  const theirs = await answerToNode(name, whole);
  const answer = answerIn(ours.messages);
  // Behind the answer we may find something wrong, and nobody is told.
  const refused = ours.fault !== 0 && answer.length === ours.messages.length;
  if (refused) tally.refused++;
  const disagree = (what: string): void => {
    tally.disagreements.push({ what, name, whole, ours, theirs });
  };
  for (const [i, message] of answer.entries()) {
    const other = theirs.messages[i];
    if (other === undefined || (theirs.fault !== "" && message.complete && !other.complete)) {
      const reason = whyStricter(whole);
      if (reason === undefined) disagree(`Node refuses message ${i}`);
      else tally.stricter.add(reason);
      return;
    }
    const hasBody = message.complete;
    if (seen(message, hasBody) !== seen(other, hasBody)) disagree(`message ${i}`);
    tally.accepted++;
  }
}

it("is read by Node as by us, whatever we accept", async () => {
  const chance = seeded(seed);
  const tally = newTally();
  for (const sample of responseSamples)
    for (const method of methods) await compare(sample, method, tally);
  for (let i = 0; i < connections; i++) {
    const method = methods[Math.floor(chance() * methods.length)] as (typeof methods)[number];
    await compare(answerBytes(chance), method, tally);
  }
  expect(tally.disagreements.slice(0, 3)).toEqual([]);
  expect([...tally.stricter].toSorted()).toEqual(["higher minor version"]);
  // Of what is drawn neither kind may become rare.
  expect(tally.accepted).toBeGreaterThan(connections / 2);
  expect(tally.refused).toBeGreaterThan(connections / 4);
});

const ok = "HTTP/1.1 200 OK";

it.each<[why: string, text: string, fault: Fault]>([
  ["no such status", lines("HTTP/1.1 600 x", "Content-Length: 0", ""), Fault.status],
  [
    "chunks in HTTP/1.0, where others see none",
    lines("HTTP/1.0 200 OK", "Transfer-Encoding: chunked", "", "0", ""),
    Fault.codingInHttp10,
  ],
  [
    "a coding that nobody here understands",
    lines(ok, "Transfer-Encoding: gzip, chunked", "", "0", ""),
    Fault.codingUnknown,
  ],
  [
    "Connection that names what frames",
    lines(ok, "Connection: content-length", "Content-Length: 0", ""),
    Fault.connectionNames,
  ],
  [
    "a trailer that a cache would heed",
    lines(ok, "Transfer-Encoding: chunked", "", "0", "Cache-Control: public", ""),
    Fault.trailerName,
  ],
])("refuses what Node takes: %s", async (_why, text, fault) => {
  const ours = readWhole(new ResponseReading(), text);
  const theirs = await answerToNode("GET", text);
  expect(ours.fault).toBe(fault);
  expect(theirs.fault).toBe("");
  expect(theirs.messages.map(({ complete }) => complete)).toEqual([true]);
});
