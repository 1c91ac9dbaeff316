// Serves the built page, and the documentation at /docs/, on this machine: node serve.mjs PAGE DOCS [PORT]
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import sirv from "sirv";

const [folder, docs, port] = process.argv.slice(2);
const USUAL_PORT = 8017;

// The page's own policy, and what only a header can say. The worker gets it too, which a page's <meta> does not reach.
const page = readFileSync(join(folder, "index.html"), "utf8");
const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page);
const headers = {
  "Content-Security-Policy": `${policy}; frame-ancestors 'none'`,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

const files = sirv(folder, {
  etag: true,
  setHeaders(response) {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  },
});
// The documentation has scripts of its own in its pages, and nothing that a reader enters.
const documents = sirv(docs, { etag: true });
const server = createServer((request, response) => {
  const missing = () => response.writeHead(404).end("There is no such file.\n");
  if (!request.url.startsWith("/docs/")) return files(request, response, missing);
  request.url = request.url.slice("/docs".length);
  documents(request, response, missing);
});
server.maxConnections = 64;
server.on("error", (error) => {
  const isTaken = error.code === "EADDRINUSE";
  // Somebody may serve it already; a port that was asked for is another matter.
  if (isTaken && port === undefined) return server.listen(0, "127.0.0.1");
  console.error(isTaken ? `port ${port} is in use: choose another with --port` : error.message);
  process.exit(1);
});
server.once("listening", () => {
  const address = `http://127.0.0.1:${server.address().port}/`;
  console.log(`  the page is at ${address}, the documentation at ${address}docs/; Ctrl-C ends it`);
  open(address);
});
server.listen(port === undefined ? USUAL_PORT : Number(port), "127.0.0.1");

/** Shows the address in the user's browser, where there is one. */
function open(address) {
  const { platform, env } = process;
  if (platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY) return;
  const [program, ...before] = { darwin: ["open"], win32: ["cmd", "/c", "start", ""] }[platform] ?? ["xdg-open"];
  // It is a favour: whoever has no such program has read the address.
  spawn(program, [...before, address], { stdio: "ignore", detached: true }).on("error", () => {}).unref();
}
