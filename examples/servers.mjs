// Servers to try the examples with: `node examples/servers.mjs web1:8001 web2:8002:300ms`. Each listens
// on 127.0.0.1 and answers every HTTP request with its name and how many it answers right now, after
// the time that stands behind its port. Ctrl-C ends them all.
import { createServer } from "node:http";
import process from "node:process";

const wanted = process.argv.slice(2).map((word) => {
  const [, name, port, delay = "0"] = /^([\w.-]+):(\d{1,5})(?::(\d+)ms)?$/.exec(word) ?? [];
  return { word, name, port: Number(port), delayMs: Number(delay) };
});

const wrong = wanted.find(({ name }) => name === undefined);
if (wrong || wanted.length === 0) {
  console.error(
    `${wrong?.word ?? "nothing"}: write NAME:PORT or NAME:PORT:DELAYms for each server`,
  );
  process.exit(2);
}

for (const { name, port, delayMs } of wanted) {
  let active = 0;
  const server = createServer((_request, response) => {
    active++;
    response.on("close", () => active--);
    // One connection for each request, so that each is balanced anew in tcp mode.
    response.setHeader("connection", "close");
    setTimeout(() => response.end(`${name}, one of ${active}\n`), delayMs);
  });
  server.on("error", (error) => {
    console.error(`${name}: ${error.message}`);
    process.exit(1);
  });
  server.listen(port, "127.0.0.1", () => {
    console.log(`${name} on 127.0.0.1:${server.address().port}`);
  });
}
