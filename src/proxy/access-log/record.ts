// What the log says of one TCP session. A worker keeps one of these, and overwrites every field of
// it whenever a session ends; a formatter turns it into a line. It holds no text but names, so that
// a worker whose log is off makes none.
import type { SocketAddress } from "../../config/address.ts";
import { Ended, Phase } from "../termination.ts";
import type { TlsFacts } from "../tls/tls-facts.ts";

const nowhere: SocketAddress = { family: "unix", path: "" };

/** All times in whole milliseconds; -1: that phase was never reached. All counts at the session's end. */
export class SessionRecord {
  /** When it was accepted, since the epoch. */
  acceptedAtMs: number;
  /** Who the client is: the PROXY protocol header's source, else the peer. */
  client: SocketAddress;
  /** Who connected to us, when that is somebody else: the sender of the PROXY protocol header. */
  peer: SocketAddress | null;
  /** Where we listened. */
  bind: SocketAddress;
  /** That bind's position among its frontend's, from 1; HAProxy shows it as a unix client's port. */
  bindId: number;
  /** The server that its client named in TLS to a server, where anybody looked; empty: none. */
  sni: string;
  /** What was agreed on in TLS with us; null: its client speaks none with us. */
  tls: TlsFacts | null;
  frontend: string;
  /** The frontend's route by its name; empty: its own backend, or none. */
  route: string;
  /** Empty: none was chosen. */
  backend: string;
  /** Empty: none was chosen. */
  server: string;
  serverAddress: SocketAddress | null;
  /** From the accept until the session could begin: the PROXY protocol header. */
  handshakeMs: number;
  queueMs: number;
  /** All attempts together. */
  connectMs: number;
  /** From accept to end. */
  totalMs: number;
  /** Client to server. */
  bytesIn: number;
  /** Server to client. */
  bytesOut: number;
  /** An Ended. */
  ended: number;
  /** A Phase. */
  phase: number;
  /** What a socket or a parser said of it: `refused`, `reset`, ...; empty when nothing did. */
  reason: string;
  retries: number;
  /** The last attempt went to another server than the first. */
  redispatched: boolean;
  /** Connections of the process, and sessions of the frontend, the backend and the server. */
  actconn: number;
  feconn: number;
  beconn: number;
  srvconn: number;
  /** How many were before it in the server's and the backend's queue. */
  srvQueue: number;
  backendQueue: number;

  constructor() {
    this.acceptedAtMs = 0;
    this.client = nowhere;
    this.peer = null;
    this.bind = nowhere;
    this.bindId = 1;
    this.sni = "";
    this.tls = null;
    this.frontend = "";
    this.route = "";
    this.backend = "";
    this.server = "";
    this.serverAddress = null;
    this.handshakeMs = 0;
    this.queueMs = -1;
    this.connectMs = -1;
    this.totalMs = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.ended = Ended.normal;
    this.phase = Phase.done;
    this.reason = "";
    this.retries = 0;
    this.redispatched = false;
    this.actconn = 0;
    this.feconn = 0;
    this.beconn = 0;
    this.srvconn = 0;
    this.srvQueue = 0;
    this.backendQueue = 0;
  }
}
