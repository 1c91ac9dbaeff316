// The built page in headless Chromium, served from a path of its own by a server that sets no header.
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Serves `folder` below /some/path/. Ends with `close`. */
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
  const close = () => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
  return { address, asked, close };
}

/** A browser as the machine has it. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
}

/** A fresh page at the address; fails the test on anything that the page complains of. */
export async function visit(browser, address, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  const requests = [];
  context.on("request", (request) => requests.push(request.url()));
  await page.goto(address);
  await page.locator("#version").filter({ hasText: "Catalogue of" }).waitFor();
  return { page, context, complaints, requests, close: () => context.close() };
}
