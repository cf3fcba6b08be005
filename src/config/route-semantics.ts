// What spans several keys of a route, or several routes: what it does, shares, names, routes that no
// request can come to. http-semantics.ts calls it.
import type { FaultList } from "./fault-list.ts";
import type { Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { checkHeaderNames, checkRewrites, headerFault } from "./rewrite-semantics.ts";
import { type Conditions, conditionsOf, covers } from "./route-cover.ts";
import { isHeaderName } from "./check-values.ts";
import { entriesAt, findNode, keyOffset, type TreeNode } from "./tree.ts";

/** What a route may do; each does one of them. */
export const routeActions: readonly string[] = ["backend", "redirect", "respond"];
/** Pairs of routes that are compared: all of two thousand routes. */
const comparisonsMax = 2_000_000;
/** They have no body (RFC 9110 section 15). */
const bodiless = new Set<unknown>([204, 205, 304]);

/** Faults of the routes of the frontend at `path`, which has `mode`, in `faults`. */
export function checkRoutes(root: TreeNode, path: Path, mode: unknown, faults: FaultList): void {
  const list = [...path, "routes"];
  const routes = findNode(root, list)?.items ?? [];
  for (const [index, node] of routes.entries()) {
    const place = [...list, index];
    if (!node.entries) continue;
    checkAction(node, place, mode, faults);
    checkRedirect(root, [...place, "redirect"], faults);
    checkWeights(root, [...place, "backend"], faults);
    checkRewrites(root, place, faults);
    checkRespond(root, [...place, "respond"], faults);
    checkMatch(root, [...place, "match"], faults);
  }
  checkRouteNames(routes, list, faults);
  checkOrder(routes, list, mode === "tcp" ? "session" : "request", faults);
}

/** Shares of which none is more than 0. */
export function checkWeights(root: TreeNode, path: Path, faults: FaultList): void {
  const node = findNode(root, path);
  if (!node?.entries) return;
  const weights = [...node.entries.values()].map((entry) => entry.node.value);
  if (weights.some((weight) => weight !== 0)) return;
  const message = weights.length === 0 ? "no backend is named here" : "all shares are 0";
  faults.error(node.offset, path, message, "Give one of them a share of 1 or more.");
}

function checkAction(route: TreeNode, path: Path, mode: unknown, faults: FaultList): void {
  const written = routeActions.filter((action) => route.entries?.has(action));
  const [first, second] = written;
  if (first === undefined) {
    const message = "this route does nothing";
    const hint = mode === "tcp" ? "Add backend." : "Add backend, redirect or respond.";
    faults.lack(route.offset, path, routeActions, message, hint);
    return;
  }
  if (second !== undefined) {
    const offset = route.entries?.get(second)?.keyOffset ?? route.offset;
    const message = `a route does one thing, and this one has ${first} and ${second}`;
    faults.error(offset, [...path, second], message, "Remove one of them.");
    return;
  }
  const request = route.entries?.get("request");
  if (first === "backend" || !request) return;
  const message = `request has no effect beside ${first}: nothing is sent to a server`;
  faults.warn(request.keyOffset, [...path, "request"], message, "Remove it.");
}

function checkRedirect(root: TreeNode, path: Path, faults: FaultList): void {
  const node = findNode(root, path);
  if (!node?.entries) return;
  const scheme = node.entries.get("scheme");
  if (!scheme && !node.entries.has("to")) {
    const message = "this redirect has neither to nor scheme";
    faults.lack(node.offset, path, ["to", "scheme"], message, "Write one of them.");
  } else if (scheme && node.entries.has("to")) {
    const hint = "Write one of them; scheme keeps host, path and query.";
    faults.error(scheme.keyOffset, [...path, "scheme"], "to and scheme stand here both", hint);
  }
  const port = node.entries.get("port");
  if (!port || scheme) return;
  const message = "port belongs to scheme, and there is none here";
  faults.error(port.keyOffset, [...path, "port"], message, "Write it in to, or remove it.");
}

function checkRespond(root: TreeNode, path: Path, faults: FaultList): void {
  const node = findNode(root, path);
  if (!node?.entries) return;
  const headers = [...path, "headers"];
  checkHeaderNames(root, headers, "response", faults);
  for (const [name, { keyOffset: offset }] of entriesAt(root, headers)) {
    if (headerFault(name, "response") || name.toLowerCase() !== "content-type") continue;
    const message = "the Content-Type header has a key of its own";
    faults.error(offset, [...headers, name], message, "Write contentType.");
  }
  const status = node.entries.get("status")?.node.value;
  const body = node.entries.get("body");
  if (!body || !bodiless.has(status) || body.node.value === "") return;
  const message = `a response with status ${String(status)} has no body`;
  faults.error(body.keyOffset, [...path, "body"], message, "Remove it, or write another status.");
}

function checkMatch(root: TreeNode, path: Path, faults: FaultList): void {
  for (const [kind, noun] of [
    ["header", "a header"],
    ["cookie", "a cookie"],
    ["query", "a parameter"],
  ] as const) {
    for (const [name, { keyOffset: offset }] of entriesAt(root, [...path, kind])) {
      if (kind === "query" ? name !== "" : isHeaderName(name)) continue;
      const hint = "Write letters, digits and -.";
      const place = [...path, kind, name];
      faults.error(offset, place, `${quoted(name)} cannot be the name of ${noun}`, hint);
    }
  }
  const body = findNode(root, [...path, "body"]);
  for (const [index, item] of (body?.items ?? (body ? [body] : [])).entries()) {
    if (!item.entries) continue;
    const place = body?.items ? [...path, "body", index] : [...path, "body"];
    const contains = item.entries.has("contains");
    const hasPointer = item.entries.has("pointer");
    const hint = "Write one of them; a list means any of its items.";
    if (contains && hasPointer) {
      faults.error(item.offset, place, "contains and pointer stand here both", hint);
    } else if (!contains && !hasPointer) {
      const message = "this says neither contains nor pointer";
      faults.lack(item.offset, place, ["contains", "pointer"], message, hint);
    } else if (contains && item.entries.has("value")) {
      const offset = item.entries.get("value")?.keyOffset ?? item.offset;
      const message = "value belongs to pointer, and this has contains";
      faults.error(offset, [...place, "value"], message, "Remove it.");
    }
  }
  if (body || !entriesAt(root, path).has("maxBody")) return;
  const place = [...path, "maxBody"];
  const message = "maxBody has no effect without body";
  faults.warn(keyOffset(root, place), place, message, "Remove it, or add body.");
}

function checkRouteNames(routes: readonly TreeNode[], path: Path, faults: FaultList): void {
  const seen = new Map<string, number>();
  for (const [index, route] of routes.entries()) {
    const name = route.entries?.get("name")?.node;
    if (typeof name?.value !== "string") continue;
    const first = seen.get(name.value);
    if (first === undefined) {
      seen.set(name.value, index);
      continue;
    }
    const message = `${quoted(name.value)} is the name of route ${first + 1} already`;
    faults.error(name.offset, [...path, index, "name"], message, "Choose another one.");
  }
}

function checkOrder(
  routes: readonly TreeNode[],
  path: Path,
  what: string,
  faults: FaultList,
): void {
  const before: { readonly place: number; readonly conditions: Conditions }[] = [];
  let comparisons = 0;
  for (const [index, route] of routes.entries()) {
    const match = route.entries?.get("match");
    const conditions = route.entries ? conditionsOf(route) : null;
    if (conditions === null) continue;
    comparisons += before.length;
    if (comparisons > comparisonsMax) return;
    const earlier = before.find((candidate) => covers(candidate.conditions, conditions));
    if (!earlier) {
      before.push({ place: index + 1, conditions });
      continue;
    }
    const message =
      `no ${what} comes to route ${index + 1}: route ${earlier.place} before it takes all that ` +
      "it matches";
    const hint = "Put it before that one, or remove it.";
    faults.warn(match?.keyOffset ?? route.offset, [...path, index], message, hint);
  }
}
