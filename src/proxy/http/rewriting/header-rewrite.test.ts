import { describe, expect, it } from "vitest";
import {
  type Field,
  fieldLines,
  requestHead,
  responseHead,
} from "../../../../test/support/heads.ts";
import { rewriteContext, template } from "../../../../test/support/rewriting.ts";
import { type HeaderOperations, reservedHeaders } from "../../../config/rewrite-plan.ts";
import { compileHeaderRewrite } from "./header-rewrite.ts";
import { compileResponseRewriter } from "./response-rewriter.ts";

interface Written {
  readonly set?: Readonly<Record<string, string>>;
  readonly add?: readonly (readonly [string, string])[];
  readonly remove?: readonly string[];
}

function operations({ set = {}, add = [], remove = [] }: Written): HeaderOperations {
  return {
    set: Object.entries(set).map(([name, value]) => ({ name, value: template(value) })),
    add: add.map(([name, value]) => ({ name, value: template(value) })),
    remove,
  };
}

/** What is left of a request's fields. */
function rewrite(written: Written, fields: readonly Field[]): string[] {
  const request = requestHead("GET /a", fields);
  compileHeaderRewrite(operations(written), [])?.apply(request, rewriteContext({ request }));
  return fieldLines(request);
}

describe("headers", () => {
  it("are set: all of that name go, whatever their case, and one comes", () => {
    const fields: Field[] = [
      ["X-A", "1"],
      ["Other", "o"],
      ["x-a", "2"],
    ];
    expect(rewrite({ set: { "X-a": "{client.ip}" } }, fields)).toEqual([
      "Other: o",
      "x-a: 192.0.2.7",
    ]);
  });

  it("are set to what is made of the value they had", () => {
    expect(rewrite({ set: { "X-A": "<{header:x-a}>" } }, [["x-a", "1"]])).toEqual(["x-a: <1>"]);
  });

  it("are added behind those of the same name", () => {
    const add = [
      ["Via", "a"],
      ["Via", "{method}"],
    ] as const;
    expect(rewrite({ add }, [["Via", "x"]])).toEqual(["Via: x", "via: a", "via: GET"]);
  });

  it("are removed by name, and by what names begin with", () => {
    const fields: Field[] = [
      ["X-Internal-User", "1"],
      ["x-internal-", "2"],
      ["X-Intern", "3"],
      ["Server", "s"],
      ["SERVER", "t"],
    ];
    expect(rewrite({ remove: ["server", "x-internal-*"] }, fields)).toEqual(["X-Intern: 3"]);
  });

  it("are removed first, then set, then added", () => {
    const written: Written = {
      remove: ["x-*"],
      set: { "x-a": "set" },
      add: [["x-a", "{header:x-a} added"]],
    };
    expect(rewrite(written, [["X-A", "sent"]])).toEqual(["x-a: set", "x-a: set added"]);
  });

  it("are not sent when their variables are empty, and what was there is gone", () => {
    expect(rewrite({ set: { "x-user": "{header:x-none}" } }, [["X-User", "forged"]])).toEqual([]);
    expect(rewrite({ set: { "x-user": "" } }, [["X-User", "forged"]])).toEqual(["x-user: "]);
  });

  it("that frame the message are never touched", () => {
    const written: Written = {
      set: Object.fromEntries(reservedHeaders.map((name) => [name.toUpperCase(), "x"])),
      add: reservedHeaders.map((name) => [name, "x"] as const),
      remove: reservedHeaders,
    };
    expect(compileHeaderRewrite(operations(written), [])).toBeNull();
    const fields: Field[] = [
      ["Content-Length", "3"],
      ["Content-Type", "a/b"],
      ["Host", "x"],
      ["Transfer-Encoding", "chunked"],
    ];
    expect(rewrite({ remove: ["*"] }, fields)).toEqual([
      "Content-Length: 3",
      "Host: x",
      "Transfer-Encoding: chunked",
    ]);
  });
});

describe("a response's headers", () => {
  it("pass backend, route and frontend, and the last has the last word", () => {
    const steps = ["backend", "route", "frontend"].map((by) => ({
      headers: operations({ set: { "x-by": by }, add: [["x-way", `${by} {status}`]] }),
    }));
    const rewriter = compileResponseRewriter(steps);
    const head = responseHead(404, [["X-By", "server"]]);
    rewriter?.apply(head, rewriteContext({ status: 404 }));
    expect(fieldLines(head).toSorted()).toEqual([
      "x-by: frontend",
      "x-way: backend 404",
      "x-way: frontend 404",
      "x-way: route 404",
    ]);
  });

  it("say whether the request must be at hand", () => {
    const needs = (value: string): boolean | undefined =>
      compileResponseRewriter([{ headers: operations({ set: { a: value } }) }])?.needsRequest;
    expect(["{host}", "{header:x}", "a {uri}", "{cookie:x}"].map(needs)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["fixed", "{request.id}", "{client.ip} {status}"].map(needs)).toEqual([
      false,
      false,
      false,
    ]);
    expect(compileResponseRewriter([{ headers: operations({}) }])).toBeNull();
  });
});
