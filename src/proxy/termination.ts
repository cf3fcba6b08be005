// HAProxy's termination codes: two letters in every log line that say who ended a session and in
// which phase it was (its configuration manual, section 8.5). Sessions keep the two as numbers;
// only the log turns them into letters.
import { Reason } from "../reactor/reactor.ts";

/** The first letter: who or what ended the session. */
export const Ended = {
  /** `-`: both sides closed and nothing was left to deliver. */
  normal: 0,
  /** `C`: the client aborted. */
  client: 1,
  /** `S`: the server aborted or refused. */
  server: 2,
  /** `P`: this proxy refused: a bad PROXY protocol header, a denied request, a limit. */
  proxy: 3,
  /** `L`: answered here, no server was meant to be asked. */
  local: 4,
  /** `R`: out of descriptors, memory or local ports. */
  resource: 5,
  /** `I`: an error of our own. Always a bug. */
  internal: 6,
  /** `D`: its server was found down, and its sessions are to end then. */
  serverDown: 7,
  /** `K`: killed by an operator, or by a shutdown that waited long enough. */
  killed: 8,
  /** `c`: the client's time limit passed. */
  clientTimeout: 9,
  /** `s`: the server's time limit passed, the connect's included. */
  serverTimeout: 10,
} as const;
export type Ended = (typeof Ended)[keyof typeof Ended];

/** The second letter: what was going on. */
export const Phase = {
  /** `-`: it was over. */
  done: 0,
  /** `R`: the request, or the handshake that opens a session, was not complete. */
  request: 1,
  /** `Q`: waiting in a queue for a server with room. */
  queue: 2,
  /** `C`: connecting to a server. */
  connect: 3,
  /** `H`: waiting for the response's headers. */
  headers: 4,
  /** `D`: data was flowing. */
  data: 5,
  /** `L`: the server had finished, its last data was on its way to the client. */
  last: 6,
  /** `T`: the request was held in the tarpit. */
  tarpit: 7,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Of a client's connection that failed. */
export function clientEnd(reason: Reason): Ended {
  return reason === Reason.timedOut ? Ended.clientTimeout : Ended.client;
}

const endedLetters = "-CSPLRIDKcs";
const phaseLetters = "-RQCHDLT";

const codes: readonly string[] = Array.from(endedLetters).flatMap((ended) =>
  Array.from(phaseLetters, (phase) => ended + phase),
);

/** `--`, `CD`, `sC`, ... for values of Ended and Phase; `I-` for numbers that are none. */
export function terminationCode(ended: number, phase: number): string {
  return codes[ended * phaseLetters.length + phase] ?? "I-";
}
