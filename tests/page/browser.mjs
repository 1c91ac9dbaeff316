// The built page, and a browser for it.
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Serves `folder` below /some/path/, without any header that the page could lean on. */
export async function serve(folder = process.env.PAGE) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const name = /^\/some\/path\/([\w.-]*)$/.exec(request.url)?.[1];
    if (name === undefined) return response.writeHead(404).end();
    const file = createReadStream(join(folder, name || "index.html"));
    file.on("error", () => response.writeHead(404).end());
    file.on("open", () => {
      response.setHeader("Content-Type", TYPES[extname(name || "index.html")] ?? "application/octet-stream");
      file.pipe(response);
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const address = `http://127.0.0.1:${server.address().port}/some/path/`;
  const close = () =>
    new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    });
  return { address, asked, close };
}

/** The machine's browser. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
}
