// What changes under a plan that stays: servers move, files of certificates are replaced. The worker's
// messages lead here; sessions stay as they are, what begins from now on sees the change.
import type { AddressChange, BindSecrets, ServerSecrets } from "./assignment.ts";
import type { DataPlane } from "./data-plane.ts";

/** Servers have moved: the next connects go there; sessions stay where they are. */
export function readdress({ backends }: DataPlane, changes: readonly AddressChange[]): void {
  const moved = new Map(changes.map(({ row, address }) => [row, address]));
  for (const { servers } of backends.values()) {
    for (const server of servers) server.address = moved.get(server.row) ?? server.address;
  }
}

/** New certificates of a bind: the next handshakes are made with them. */
export function renewBind({ frontends }: DataPlane, secrets: BindSecrets): void {
  for (const frontend of frontends.values()) frontend.recertify(secrets);
}

/** New ones towards a server. */
export function renewServer({ backends, tls }: DataPlane, secrets: ServerSecrets): void {
  for (const { servers } of backends.values()) {
    for (const server of servers) server.reequip(tls, secrets);
  }
}
