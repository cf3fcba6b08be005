// Where the frontends of a file listen, as far as it can be understood, and which sockets that
// occupies. The checks of duplicate binds and of circles read the tree through it.
import { formatAddress } from "./address.ts";
import { type BindAddress, parseBindAddress } from "./address-syntax.ts";
import type { Path } from "./problem.ts";
import { entriesAt, type TreeNode } from "./tree.ts";

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
  for (const [frontend, { node: map }] of entriesAt(root, ["frontends"])) {
    const bind = map.entries?.get("bind")?.node;
    if (!bind) continue;
    for (const [index, item] of (bind.items ?? [bind]).entries()) {
      const node = item.entries?.get("address")?.node ?? item;
      const reading = parseBindAddress(node.value);
      if (!reading.ok) continue;
      const path: (string | number)[] = ["frontends", frontend, "bind"];
      if (bind.items) path.push(index);
      if (item.entries) path.push("address");
      binds.push({ frontend, address: reading.value, node, path });
    }
  }
  return binds;
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
