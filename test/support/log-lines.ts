// What Ballast writes: the lines of its process log and of its access log, as objects.

/** A line of the process log. */
export interface ProcessMessage {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A line of the access log in its json format. */
export interface SessionLine {
  readonly time: string;
  readonly frontend: string;
  readonly backend: string;
  readonly server: string;
  readonly client: string;
  readonly peer?: string;
  readonly bind: string;
  readonly serverAddress: string | null;
  readonly handshakeMs: number;
  readonly queueMs: number;
  readonly connectMs: number;
  readonly totalMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly termination: string;
  readonly reason: string;
  readonly retries: number;
  readonly redispatched: boolean;
  readonly actconn: number;
  readonly feconn: number;
  readonly beconn: number;
  readonly srvconn: number;
  readonly srvQueue: number;
  readonly backendQueue: number;
}

/** Lines of an access log in json. */
export function sessionsIn(text: string): SessionLine[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as SessionLine);
}
