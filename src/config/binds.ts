// Where the frontends of a file listen, as far as it can be understood, which sockets that occupies,
// and whether clients speak TLS there. Checks that span several keys read the tree through it.
import { formatAddress } from "./address.ts";
import { type BindAddress, parseBindAddress } from "./address-syntax.ts";
import type { Path } from "./problem.ts";
import { entriesAt, findNode, type TreeNode } from "./tree.ts";

/** One address that a frontend listens on; `node` and `path` are those of the address itself. */
export interface Bind {
  readonly frontend: string;
  readonly address: BindAddress;
  readonly node: TreeNode;
  readonly path: Path;
}

/** The binds of all frontends, in the order of the file, without those that cannot be read. */
export function bindsOf(root: TreeNode): Bind[] {
  const binds: Bind[] = [];
  for (const frontend of entriesAt(root, ["frontends"]).keys()) {
    for (const { node: item, path } of bindItemsOf(root, frontend)) {
      const node = item.entries?.get("address")?.node ?? item;
      const reading = parseBindAddress(node.value);
      if (!reading.ok) continue;
      const place = item.entries ? [...path, "address"] : path;
      binds.push({ frontend, address: reading.value, node, path: place });
    }
  }
  return binds;
}

/** What stands in `bind` of `frontend`, one by one. */
export function bindItemsOf(root: TreeNode, frontend: string): { node: TreeNode; path: Path }[] {
  const path = ["frontends", frontend, "bind"];
  const bind = findNode(root, path);
  if (!bind) return [];
  return bind.items?.map((node, i) => ({ node, path: [...path, i] })) ?? [{ node: bind, path }];
}

/** How many binds of `frontend` have TLS, and how many have not. */
export function tlsBindsOf(
  root: TreeNode,
  frontend: string,
): { readonly withTls: number; readonly withoutTls: number } {
  const items = bindItemsOf(root, frontend);
  const withTls = items.filter(({ node }) => node.entries?.has("tls")).length;
  return { withTls, withoutTls: items.length - withTls };
}

/** Whether a proxy before `frontend` may say that a client spoke TLS with it. */
export function believesProxies(root: TreeNode, frontend: string): boolean {
  const places = [["frontends", frontend], ["defaults"]];
  return places.some((place) => entriesAt(root, place).has("trustedProxies"));
}

/**
 * The sockets that a bind occupies. `:80` occupies the wildcards of both families; 0.0.0.0:80 next
 * to 127.0.0.1:80 or [::]:80 is allowed, because the kernel prefers the more specific one.
 */
export function socketsOf(address: BindAddress): string[] {
  if (address.family === "unix") return [formatAddress(address)];
  if (address.port === 0) return [];
  if (address.family !== "any") return [formatAddress(address)];
  return [`0.0.0.0:${address.port}`, `[::]:${address.port}`];
}
