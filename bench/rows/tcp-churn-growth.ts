// Growth of resident memory while connections come and go. A proxy that forgets nothing of a
// closed connection grows; one that is sound stays where it was after the first quarter.
import { withFresh } from "./fresh.ts";
import { type Bench, type Contender, oneByOne, type Row, type Sample } from "./row.ts";

const quarters = 4;

function measure(bench: Bench, contender: Contender): Promise<Sample> {
  const quarter = Math.ceil(bench.options.churnConnections / quarters);
  return withFresh(bench, contender, "tcp", async ({ port, connections, memory }) => {
    const problems: string[] = [];
    const details: Record<string, number> = { connectionsPerQuarter: quarter };
    const resident: number[] = [];
    for (let done = 1; done <= quarters; done++) {
      problems.push(...(await connections.churn(port, quarter)));
      const now = await memory();
      resident.push(now.resident);
      details[`residentAfter${done * quarter}ConnectionsBytes`] = now.resident;
    }
    const [first = 0] = resident;
    const last = resident.at(-1) ?? 0;
    return { figures: { growth: (last - first) / 1024 / 1024 }, details, problems };
  });
}

export const tcpChurnGrowth: Row = {
  id: "tcp-churn-growth",
  title: "Memory growth over TCP connections opened and closed",
  figures: [
    {
      id: "growth",
      title: "from the first quarter to the last",
      unit: "MiB",
      digits: 2,
      compared: false,
    },
  ],
  generator: null,
  roundsMax: 1,
  async warmUp() {
    // The first quarter is the warm-up.
  },
  measure: oneByOne(measure),
};
