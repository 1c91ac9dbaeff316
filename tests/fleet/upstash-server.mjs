/** Upstash's REST interface before a redis-server: each command arrives as JSON, alone or as one of a pipeline. */

import { once } from "node:events";
import { createServer } from "node:http";
import { createClient } from "redis";

/** Starts it before the server at `port`. Returns its address. It is ended with the test. */
export async function upstashServer(t, port) {
  const redis = await createClient({ url: `redis://127.0.0.1:${port}` }).on("error", () => {}).connect();
  const perform = (command, encode) =>
    redis.sendCommand(command.map(String)).then((answer) => ({ result: encode(answer) }), ({ message }) => ({ error: message }));
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const commands = JSON.parse(body);
    const encode = request.headers["upstash-encoding"] === "base64" ? base64 : (answer) => answer;
    const isPipeline = request.url === "/pipeline";
    const answers = await Promise.all((isPipeline ? commands : [commands]).map((command) => perform(command, encode)));
    response.statusCode = !isPipeline && answers[0].error ? 400 : 200;
    response.setHeader("content-type", "application/json").end(JSON.stringify(isPipeline ? answers : answers[0]));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
    redis.destroy();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** Its texts in base64, as its client asks for them. */
function base64(answer) {
  if (Array.isArray(answer)) return answer.map(base64);
  return typeof answer === "string" ? Buffer.from(answer).toString("base64") : answer;
}
