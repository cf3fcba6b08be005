// Server names that resolve, while Ballast runs: a name with another address moves its servers, in
// the control plane and in every worker. Sessions stay where they are; new ones go there.
import { formatAddress, type SocketAddress } from "../../config/address.ts";
import type { ServerStatus } from "../server-status.ts";
import type { WatchContext, Watcher } from "../watchers.ts";
import { withPort } from "./answer.ts";
import type { Name } from "./name.ts";

export class Discovery implements Watcher {
  readonly #context: WatchContext;

  constructor(context: WatchContext) {
    this.#context = context;
    context.names.onAddress = (name) => this.#move(name);
  }

  apply(): void {
    this.#context.names.keep();
  }

  close(): void {
    this.#context.names.close();
  }

  #move({ host, address: found }: Name): void {
    const { states, broadcast, log } = this.#context;
    if (found === null) return;
    const moved: { server: ServerStatus; address: SocketAddress; reason: string }[] = [];
    for (const server of states.servers.values()) {
      const { address: named } = server.plan;
      if (named.family !== "name" || named.host !== host) continue;
      const address = withPort(found, named.port);
      const before = server.address === null ? "" : formatAddress(server.address);
      const now = formatAddress(address);
      if (before === now) continue;
      const was = before === "" ? "" : `, ${before} before`;
      moved.push({ server, address, reason: `${host} resolves to ${now}${was}` });
      if (before !== "") {
        log.info(
          { server: server.key, address: now },
          `server ${server.key} has moved: ${host} resolves to ${now}${was}; new sessions go there`,
        );
      }
    }
    if (moved.length === 0) return;
    // Before the states: whoever sees such a server up should know where it is.
    const changes = moved.map(({ server: { row }, address }) => ({ row, address }));
    broadcast({ type: "addresses", changes });
    for (const { server, address, reason } of moved) states.setAddress(server, address, reason);
  }
}
