// What outlier detection remembers of one server: what it has seen of it, and how often it has
// been ejected of late. Arithmetic and memory; backend-outliers.ts acts.
import { formatAddress } from "../../config/address.ts";
import type { OutlierPlan } from "../../config/plan.ts";
import { serverField } from "../../scoreboard/fields.ts";
import type { ControlScoreboard } from "../../scoreboard/scoreboard.ts";
import type { ServerStatus } from "../server-status.ts";
import { readTraffic, type Traffic, trafficSince } from "./traffic.ts";

export class Ejection {
  readonly server: ServerStatus;
  /** Until when, on performance.now()'s clock; null: it is not ejected. */
  untilMs: number | null;
  /** Recent ejections: the factor of the next one's time. Falls by one with every quiet interval. */
  recent: number;
  /** That it should be ejected and may not be has been told. */
  told: boolean;
  /** Nothing of it was ejected in this interval so far. */
  #quiet: boolean;
  #trips: number;
  #traffic: Traffic;
  /** Where it was when it was ejected: somewhere else it is somebody else. */
  #address: string;

  constructor(server: ServerStatus, board: ControlScoreboard) {
    this.server = server;
    this.untilMs = null;
    this.recent = 0;
    this.told = false;
    this.#quiet = true;
    this.#trips = board.servers.load(server.row, serverField.trips);
    this.#traffic = readTraffic(board, server.row);
    this.#address = "";
  }

  /** True once after each time that its failures in a row have reached the limit. */
  tripped(board: ControlScoreboard): boolean {
    const trips = board.servers.load(this.server.row, serverField.trips);
    if (trips === this.#trips) return false;
    this.#trips = trips;
    return true;
  }

  /** It is out from now on; for how long, in milliseconds. */
  begin(plan: OutlierPlan, nowMs: number): number {
    // Not beyond what the maximum needs: it would take as many quiet intervals to fall again.
    if (this.recent * plan.ejectForMs < plan.ejectForMaxMs) this.recent++;
    const forMs = Math.min(this.recent * plan.ejectForMs, plan.ejectForMaxMs);
    this.untilMs = nowMs + forMs;
    this.told = false;
    this.#quiet = false;
    this.#address = addressOf(this.server);
    return forMs;
  }

  /** It is back: what was counted against it before is forgotten. */
  end(board: ControlScoreboard): void {
    this.untilMs = null;
    this.#quiet = false;
    board.servers.store(this.server.row, serverField.errors, 0);
    this.tripped(board);
    this.#traffic = readTraffic(board, this.server.row);
  }

  get moved(): boolean {
    return this.untilMs !== null && addressOf(this.server) !== this.#address;
  }

  /** Ends an interval; its traffic. */
  turn(board: ControlScoreboard): Traffic {
    if (this.#quiet && this.untilMs === null) this.recent = Math.max(0, this.recent - 1);
    this.#quiet = true;
    this.told = false;
    const before = this.#traffic;
    this.#traffic = readTraffic(board, this.server.row);
    return trafficSince(this.#traffic, before);
  }
}

function addressOf({ address }: ServerStatus): string {
  return address === null ? "" : formatAddress(address);
}
