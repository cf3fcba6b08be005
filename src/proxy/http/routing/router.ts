// Which route takes a request: the first in the plan's order whose conditions all hold. Compiled when
// a plan arrives: host, path, method and one header are looked up, each gives the set of routes that it
// leaves (route-sets.ts), and only routes that are in all of them are asked for the rest. So a request
// costs about the same with two routes and with two hundred. It never throws for what a request holds,
// and keeps nothing of it.
//
// A worker makes one for each frontend in http mode, when its plan arrives:
//     const router = new Router(frontend.http.routes);
// and an exchange asks when it has a request's head, as the client sent it:
//     let i = router.match(head, client, transport); // the client's address; the believed one, if proxies
//                                                     // tell it; and whether it came over TLS
//     if (i === Routing.needsBody)            // hold back up to router.bodyBytes of it, then
//       i = router.matchBody(head, client, body, transport); // all of the body; null: there is more
//     if (i === Routing.refused) ...          // 400
//     if (i === Routing.none) ...             // frontend.http.otherwise, or 404
//     else frontend.http.routes[i]            // its action: of several backends BackendSplit draws one
// `head` is filled when `matchBody` is called: an exchange that has waited parses its copy again.
import type { SocketAddress } from "../../../config/address.ts";
import type { RoutePlan } from "../../../config/route-plan.ts";
import { placesMax } from "../../../http/h1/repeated-heads.ts";
import { Method, RequestHead } from "../../../http/request-head.ts";
import { asksHead, asksTransport, CompiledRoute } from "./compiled-route.ts";
import { HeaderIndex } from "./header-index.ts";
import { HostIndex } from "./host-index.ts";
import { MethodIndex } from "./method-index.ts";
import { PathIndex } from "./path-index.ts";
import { PathView, slash } from "./path-view.ts";
import { RequestView } from "./request-view.ts";
import { RouteSets } from "./route-sets.ts";
import { Routing } from "./routing.ts";
import { clearText, type Transport } from "./transport.ts";

const root = Uint8Array.of(slash);
const nobody: SocketAddress = { family: "unix", path: "" };

/** What became of one route: null: it holds; else the condition that failed first. */
export interface RouteVerdict {
  readonly name: string;
  readonly failed: string | null;
}

export class Router {
  /** Bytes of a body to hold back at most when `needsBody` is the answer. */
  readonly bodyBytes: number;
  readonly #routes: readonly CompiledRoute[];
  readonly #hosts: HostIndex;
  readonly #methods: MethodIndex;
  readonly #headers: HeaderIndex;
  readonly #paths: PathIndex;
  readonly #foldedPaths: PathIndex;
  readonly #cells: Int32Array;
  readonly #words: number;
  /** A route asks how requests have come. */
  readonly #asksTransport: boolean;
  /** None asks for anything but what clients write in heads, so heads that repeat are answered alike. */
  readonly #byHead: boolean;
  /** By a head's place: which one was answered there, and how. */
  readonly #editions: Float64Array;
  readonly #found: Int32Array;
  /** Of the request that is being routed. */
  #host: number;
  #method: number;
  #header: number;
  readonly #view: RequestView;
  readonly #pathView: PathView;

  /** `requestId`: the field in which requests get ids before they are routed; empty: they get none. */
  constructor(routes: readonly RoutePlan[], requestId = "") {
    const sets = new RouteSets(routes.length);
    const paths = routes.map(({ match }) => match.path);
    this.#hosts = new HostIndex(
      routes.map(({ match }) => match.host),
      sets,
    );
    this.#methods = new MethodIndex(
      routes.map(({ match }) => match.method),
      sets,
    );
    this.#headers = new HeaderIndex(
      routes.map(({ match }) => match.header),
      sets,
    );
    this.#paths = new PathIndex(paths, sets, "canonical");
    this.#foldedPaths = new PathIndex(paths, sets, "folded");
    this.#cells = sets.cells();
    this.#words = sets.words;
    this.#routes = routes.map((route) => new CompiledRoute(route));
    this.#asksTransport = routes.some(asksTransport);
    this.#byHead = routes.every((route) => asksHead(route, requestId));
    this.#editions = new Float64Array(placesMax);
    this.#found = new Int32Array(placesMax);
    this.bodyBytes = routes.reduce(
      (most, { match }) => (match.body.length > 0 ? Math.max(most, match.bodyBytes) : most),
      0,
    );
    this.#host = 0;
    this.#method = 0;
    this.#header = 0;
    this.#view = new RequestView(new RequestHead(), nobody);
    this.#pathView = new PathView();
  }

  /** Index of the route, or one of Routing. */
  match(head: RequestHead, client: SocketAddress, transport: Transport = clearText): number {
    const { edition, place } = head;
    const known = edition !== 0 && this.#byHead;
    if (known && this.#editions[place] === edition) return this.#found[place] as number;
    this.#begin(head, client, transport);
    const found = this.#decide(null);
    if (known) {
      this.#editions[place] = edition;
      this.#found[place] = found;
    }
    return found;
  }

  /** After `needsBody`: `body` is all of it, or null when it is longer than `bodyBytes`. */
  matchBody(
    head: RequestHead,
    client: SocketAddress,
    body: Uint8Array | null,
    transport: Transport = clearText,
  ): number {
    this.#begin(head, client, transport);
    this.#view.setBody(body);
    return this.#decide(null);
  }

  /**
   * What each route says to the request's canonical path, for `ballast explain`: slow. Empty when the
   * path is refused. Without a body (null) conditions on it do not hold.
   */
  explain(
    head: RequestHead,
    client: SocketAddress,
    body: Uint8Array | null,
    transport: Transport = clearText,
  ): readonly RouteVerdict[] {
    const verdicts: RouteVerdict[] = [];
    this.#begin(head, client, transport);
    this.#view.setBody(body);
    return this.#decide(verdicts) === Routing.refused ? [] : verdicts;
  }

  #begin(head: RequestHead, client: SocketAddress, transport: Transport): void {
    this.#view.begin(head, client, this.bodyBytes);
    if (this.#asksTransport) this.#view.setTransport(transport);
  }

  /** `verdicts`: where to explain; null: only decide. */
  #decide(verdicts: RouteVerdict[] | null): number {
    const view = this.#view;
    const { head } = view;
    this.#host = this.#hosts.row(head.bytes, head.hostStart, head.hostEnd);
    this.#method = this.#methods.row(head);
    this.#header = this.#headers.row(head);
    // An absolute form without a path asks for `/` (RFC 9112 section 3.2.1); CONNECT has no path.
    if (head.pathStart === head.pathEnd && head.method !== Method.connect) {
      view.setPath(root, 0, 1, false);
    }
    const path = this.#paths.isEmpty
      ? this.#paths.rowOfView(view.path, 0, 0)
      : this.#paths.rowAsSent(view.path, view.pathStart, view.pathEnd);
    return path < 0 ? this.#decideByViews(verdicts) : this.#ask(path, verdicts);
  }

  /** The path is not written plainly: see path-view.ts. */
  #decideByViews(verdicts: RouteVerdict[] | null): number {
    const view = this.#view;
    const paths = this.#pathView;
    if (!paths.read(view.path, view.pathStart, view.pathEnd)) return Routing.refused;
    view.setPath(paths.canonical, 0, paths.canonicalLength, false);
    const row = this.#paths.rowOfView(paths.canonical, 0, paths.canonicalLength);
    const answer = this.#ask(row, verdicts);
    if (!paths.isFolded()) return answer;
    view.setPath(paths.folded, 0, paths.foldedLength, true);
    const foldedRow = this.#foldedPaths.rowOfView(paths.folded, 0, paths.foldedLength);
    const folded = this.#ask(foldedRow, null);
    if (folded === answer) return answer;
    const waits = folded === Routing.needsBody || answer === Routing.needsBody;
    return waits ? Routing.needsBody : Routing.refused;
  }

  #ask(path: number, verdicts: RouteVerdict[] | null): number {
    if (verdicts !== null) this.#explain(path, verdicts);
    const cells = this.#cells;
    const host = this.#host;
    const method = this.#method;
    const header = this.#header;
    for (let word = 0; word < this.#words; word++) {
      let left =
        (cells[host + word] as number) &
        (cells[method + word] as number) &
        (cells[header + word] as number) &
        (cells[path + word] as number);
      while (left !== 0) {
        const i = word * 32 + 31 - Math.clz32(left & -left);
        const route = this.#routes[i] as CompiledRoute;
        if (route.holds(this.#view)) {
          if (route.body === null) return i;
          if (!this.#view.bodyKnown) return Routing.needsBody;
          if (route.body.holds(this.#view)) return i;
        }
        left &= left - 1;
      }
    }
    return Routing.none;
  }

  #explain(path: number, verdicts: RouteVerdict[]): void {
    const isIn = (row: number, i: number): boolean =>
      (((this.#cells[row + (i >> 5)] as number) >>> (i & 31)) & 1) === 1;
    for (const [i, route] of this.#routes.entries()) {
      let failed: string | null = null;
      if (!isIn(this.#host, i)) failed = "host";
      else if (!isIn(path, i)) failed = "path";
      else if (!isIn(this.#method, i)) failed = "method";
      else failed = route.firstFailed(this.#view);
      if (failed === null && route.body?.holds(this.#view) === false) failed = "body";
      verdicts.push({ name: route.name, failed });
    }
  }
}
