/** `xero-m2m page`: serves the page for scope policy on this machine, until Ctrl-C. */

import { readFileSync } from "node:fs";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateRawSync } from "node:zlib";
import type { Command } from "commander";
import { hasBrowser, openPage } from "./browser.js";
import { wholeUpTo } from "./options.js";
import { print } from "./output.js";

interface PageOptions {
  port: number;
  browser: boolean;
}

/** The files of the page, which the package has compressed, and their types. */
const FILES = {
  "index.html": "text/html; charset=utf-8",
  "style.css": "text/css; charset=utf-8",
  "main.js": "text/javascript; charset=utf-8",
  "worker.js": "text/javascript; charset=utf-8",
} as const;

/** The text in the worker that the module takes the place of: the package has that once, in `policy.js`. */
const MODULE = '"the wasm of policy"';

/** The module in `policy.js`, as `shared/bytes.ts` reads it. */
const LITERAL = /"[!#-;=-[\]-~]{100000,}"/;

/** Adds the command. */
export function addPage(root: Command): void {
  root
    .command("page")
    .summary("serve the page that answers all of this, in your browser")
    .description(
      "Serves the page for scopes on this machine and opens it in your browser. What you paste there stays in the browser. " +
        "Runs until Ctrl-C.",
    )
    .option("--port <n>", "port on 127.0.0.1; 0 is any free one", wholeUpTo(65_535), 8017)
    .option("--no-browser", "print the address and open nothing")
    .action(servePage);
}

/** Serves the page on 127.0.0.1 alone, opens it in the browser, and ends cleanly on SIGINT and SIGTERM. */
async function servePage({ port, browser }: PageOptions): Promise<void> {
  const files = read(fileURLToPath(new URL(".", import.meta.url)));
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 16_384 }, (request, response) => answer(files, request, response));
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(error, port)));
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = server.address();
  const address = `http://127.0.0.1:${typeof bound === "object" && bound ? bound.port : port}/`;
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const opened = browser && hasBrowser() && (await openPage(address));
  await print(`The page is at ${address} until Ctrl-C.${opened ? " It opens in your browser." : ""}\nNothing leaves this machine.\n`);
}

/** The files of the page by their paths. */
function read(dist: string): Map<string, [type: string, body: Buffer]> {
  const files = new Map<string, [string, Buffer]>();
  for (const [name, type] of Object.entries(FILES)) {
    const text = inflateRawSync(readFileSync(join(dist, "page", `${name}.deflate`)));
    files.set(name === "index.html" ? "/" : `/${name}`, [type, name === "worker.js" ? complete(text, dist) : text]);
  }
  return files;
}

/** The worker with the module in it. */
function complete(worker: Buffer, dist: string): Buffer {
  const module = LITERAL.exec(readFileSync(join(dist, "policy.js"), "latin1"))?.[0];
  if (module === undefined) throw new Error("this package is not whole: its policy.js has no module");
  return Buffer.from(worker.toString("utf8").replace(MODULE, () => module));
}

/** What a page's <meta> cannot set; the worker gets the policy of the page as well. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src data:; worker-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

function answer(files: Map<string, [string, Buffer]>, { method, url = "" }: IncomingMessage, response: ServerResponse): void {
  const file = files.get(url.split("?", 1)[0]!);
  if (!file) return void response.writeHead(404, { ...HEADERS, "content-type": "text/plain" }).end("There is no such file.\n");
  if (method !== "GET" && method !== "HEAD") return void response.writeHead(405, { ...HEADERS, allow: "GET, HEAD" }).end();
  const [type, body] = file;
  response.writeHead(200, { ...HEADERS, "content-type": type, "content-length": body.length }).end(method === "HEAD" ? undefined : body);
}

function refusal(error: NodeJS.ErrnoException, port: number): Error {
  const why = { EADDRINUSE: "is in use", EACCES: "is not allowed" }[error.code ?? ""];
  return why ? new Error(`port ${port} ${why}; choose another with --port, or 0 for any free one`) : error;
}
