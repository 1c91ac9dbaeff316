// The server of the soak, in a process of its own: answers that cost little, one in a hundred of them faulty.
import { createServer } from "node:http";

const TOKEN = Buffer.from(JSON.stringify({ access_token: "soak".repeat(300), token_type: "Bearer", expires_in: 1800 }));
const BODY = Buffer.from(JSON.stringify({ Organisations: [{ Name: "Soak", CountryCode: "NZ" }] }));
// A limit that is never met: the gate is passed all the same, and five are in flight at most.
const LEFT = {
  "x-minlimit-remaining": "4000000",
  "x-daylimit-remaining": "4000000",
  "x-appminlimit-remaining": "4000000",
};
const JSON_TYPE = { "content-type": "application/json", ...LEFT };

const EXPIRED = JSON.stringify({ Status: 401, Title: "Unauthorized", Detail: "TokenExpired: token expired" });
const INVALID = JSON.stringify({
  Type: "ValidationException",
  Message: "A validation exception occurred",
  Elements: [],
});

/** Everything that goes wrong, in turn. */
const FAULTS = [
  (response) => response.writeHead(500, JSON_TYPE).end("{}"),
  (response) => response.writeHead(503, { "content-type": "text/html" }).end("<h1>offline</h1>"),
  (response) => response.writeHead(401, JSON_TYPE).end(EXPIRED),
  (response) => response.writeHead(400, JSON_TYPE).end(INVALID),
  (response) => response.writeHead(200, { "content-type": "text/html", ...LEFT }).end("<h1>proxy</h1>"),
  (response) => response.socket.destroy(),
  (response) => {
    response.writeHead(200, { ...JSON_TYPE, "content-length": String(BODY.length) });
    response.write(BODY.subarray(0, 9), () => response.socket.destroy());
  },
  (response) => setTimeout(() => response.writeHead(200, JSON_TYPE).end(BODY), 500),
  (response) => response.writeHead(302, { location: "/elsewhere" }).end(),
];

/** Faults that stop all callers for a second or more, with the number of faults for each time they occur. */
const REFUSAL = 500;
const refuse = (response) => response.writeHead(429, { ...JSON_TYPE, "x-rate-limit-problem": "concurrent" }).end("");

const seen = { calls: 0, faults: 0, tokens: 0, most: 0 };
let flying = 0;
/** Calls that are held back until so many are here together. */
let held;

const server = createServer((request, response) => {
  request.resume();
  if (request.url === "/connect/token") {
    seen.tokens += 1;
    response.writeHead(200, { "content-type": "application/json" }).end(TOKEN);
    return;
  }
  flying += 1;
  seen.most = Math.max(seen.most, flying);
  response.once("close", () => (flying -= 1));
  seen.calls += 1;
  if (held) {
    held.push(() => response.writeHead(200, JSON_TYPE).end(BODY));
    if (held.length === 5) for (const answer of held.splice(0)) answer();
    return;
  }
  if (seen.calls % 100) {
    response.writeHead(200, JSON_TYPE).end(BODY);
    return;
  }
  seen.faults += 1;
  if (seen.faults % REFUSAL === 0) refuse(response);
  else FAULTS[seen.faults % FAULTS.length](response);
});

process.on("message", (message) => {
  if (message === "hold") held = [];
  process.send(seen);
});
server.listen(0, "127.0.0.1", () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
