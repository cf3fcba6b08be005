// Persistence by cookie in tests: a backend of three servers at one moment, requests and responses.
import type { CookiePlan } from "../../src/config/http-plan.ts";
import { ByteBuilder } from "../../src/http/byte-builder.ts";
import { Method } from "../../src/http/request-head.ts";
import { appendDate } from "../../src/proxy/http/persistence/cookie-dates.ts";
import { CookieFinding } from "../../src/proxy/http/persistence/cookie-state.ts";
import { Persistence, type ServerStanding } from "../../src/proxy/http/persistence/persistence.ts";
import { type Field, fieldLines, requestHead, responseHead } from "./heads.ts";

const servers = ["web1", "web2", "spare"];
export const nowMs = 1_800_000_000_000;
export const nowS: number = nowMs / 1000;

/** Of a backend whose servers web1 and spare share a value. */
export function persistence(changes: Partial<CookiePlan> = {}): Persistence {
  const plan: CookiePlan = {
    name: "SRV",
    mode: "insert",
    indirect: false,
    nocache: false,
    postonly: false,
    preserve: false,
    httpOnly: false,
    secure: false,
    sameSite: null,
    domain: "",
    path: "/",
    maxIdleMs: 0,
    maxLifeMs: 0,
    values: { web1: "s1", web2: "s2", spare: "s1" },
    ...changes,
  };
  return new Persistence(plan, servers);
}

/** A date as it stands in a cookie. */
export function date(second: number): string {
  const out = new ByteBuilder();
  appendDate(out, second);
  return Buffer.from(out.bytes.subarray(1, out.length)).toString("latin1");
}

/** What a request with these Cookie fields says. */
export function find(of: Persistence, ...cookies: string[]): CookieFinding {
  const finding = new CookieFinding();
  const fields = cookies.map((value): Field => ["Cookie", value]);
  of.request.find(requestHead("GET /", fields), finding, nowMs);
  return finding;
}

/** Servers by index: whether each keeps its clients. */
export class Standing implements ServerStanding {
  readonly #keeps: readonly boolean[];

  constructor(...keeps: boolean[]) {
    this.#keeps = keeps;
  }

  keepsClients(index: number): boolean {
    return this.#keeps[index] === true;
  }
}

/** The Cookie fields that the server sees. */
export function edit(of: Persistence, ...cookies: string[]): string[] {
  const head = requestHead(
    "GET /",
    cookies.map((value): Field => ["Cookie", value]),
  );
  of.request.edit(head);
  return fieldLines(head).map((line) => line.replace(/^Cookie: /, ""));
}

interface Answered {
  readonly cookie?: string;
  readonly server?: number;
  readonly fields?: readonly Field[];
  readonly method?: Method;
}

/** What the client gets, and the letter, when `server` answers a client that sent `cookie`. */
export function answer(
  of: Persistence,
  { cookie = "", server = 0, fields = [], method = Method.get }: Answered = {},
): { lines: string[]; state: string } {
  const finding = cookie === "" ? find(of) : find(of, cookie);
  const head = responseHead(200, fields);
  const state = of.response.apply(head, finding, server, method, nowMs);
  return { lines: fieldLines(head), state };
}
