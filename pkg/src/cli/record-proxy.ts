/** A reverse proxy on this machine that counts calls and keeps nothing else of them. */

import { writeFile } from "node:fs/promises";
import { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, createServer, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { UsageRecorder, usageSummary } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { print } from "./output.js";
import { addTo, partsOf, tell } from "./recording-file.js";
import { quoted } from "./redact.js";

const XERO = "https://api.xero.com";

/** The time from a call to its place in the file, in milliseconds. */
const SOON = 500;

/** Serves until SIGINT or SIGTERM, and adds what it records to the file `out` as it goes: a run is in it once, with its latest counts. */
export async function listen(port: number, base: URL, out: string): Promise<void> {
  const recorder = new UsageRecorder();
  let saved = Promise.resolve();
  const save = () => (saved = saved.catch(() => {}).then(() => addTo(out, recorder.text())));
  let timer: NodeJS.Timeout | undefined;
  const server = createServer((request, response) => {
    const { method = "GET", url = "" } = request;
    if (!url.startsWith("/")) return refuse(response, 400, "this proxy takes paths of Xero's API only");
    // The API is Xero's, wherever the base leads to.
    recorder.request(method, XERO + url);
    timer ??= setTimeout(() => {
      timer = undefined;
      save().catch(() => {});
    }, SOON);
    forward(request, response, base);
  });
  // A call may take any time that its program and Xero agree on.
  server.requestTimeout = 0;
  await new Promise<void>((done, failed) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = { EADDRINUSE: "is in use", EACCES: "is not allowed" }[error.code ?? ""];
      failed(why ? new BadUse(`port ${port} ${why}; choose another with --listen, or 0 for any free one`) : error);
    });
    server.listen(port, "127.0.0.1", done);
  });
  const { port: own } = server.address() as AddressInfo;
  const ended = new Promise<void>((done) => {
    process.once("SIGINT", () => done()).once("SIGTERM", () => done());
  });
  await print(`# Hands calls on to ${base.origin} and records them, until Ctrl-C.\nexport XERO_API_URL=http://127.0.0.1:${own}\n`);
  await ended;
  server.close();
  server.closeAllConnections();
  clearTimeout(timer);
  await tell(usageSummary(recorder.text()));
  try {
    await save();
    await tell(`added to ${out}: xero-m2m scopes ${out}`);
  } catch (error) {
    const parts = await partsOf(out);
    await writeFile(join(parts, "proxy.json"), recorder.text());
    await tell(`${(error as Error).message}; this recording is kept in ${parts}`);
  }
}

/** Reads the base that calls are handed on to: by TLS, or on this machine. */
export function baseOf(to = XERO): URL {
  const base = URL.canParse(to) ? new URL(to) : undefined;
  const isLocal = ["127.0.0.1", "localhost", "[::1]"].includes(base?.hostname ?? "");
  if (!base || base.pathname !== "/" || base.search || base.username || !(base.protocol === "https:" || (base.protocol === "http:" && isLocal))) {
    throw new BadUse(`--to is ${quoted(to)}, and has to be a base such as ${XERO} or, for a local Xero, http://127.0.0.1:4010`);
  }
  return base;
}

/** Headers that belong to one connection, and not to a message (RFC 9110 section 7.6.1), and `expect`, which this server answers. */
const OF_CONNECTION = ["connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

function forward(request: IncomingMessage, response: ServerResponse, base: URL): void {
  const send = base.protocol === "https:" ? requestHttps : requestHttp;
  const { method, url } = request;
  const headers: OutgoingHttpHeaders = { ...endToEnd(request.rawHeaders, request.headers), host: base.host };
  if (request.headers["transfer-encoding"] !== undefined) headers["transfer-encoding"] = "chunked";
  const passed = send(base, { method, path: url, headers });
  passed.once("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders, answer.headers));
    response.flushHeaders();
    // If one side fails, so does the other.
    pipeline(answer, response, () => {});
  });
  passed.once("error", (error: NodeJS.ErrnoException) => {
    if (response.headersSent) response.destroy();
    else refuse(response, 502, `${base.origin} did not answer: ${error.code ?? "the connection failed"}`);
  });
  response.once("close", () => {
    if (!response.writableFinished) passed.destroy();
  });
  request.pipe(passed);
  request.once("error", () => passed.destroy());
}

/** Headers by their names as they were written, each with all its values. */
function endToEnd(raw: readonly string[], { connection = "" }: IncomingHttpHeaders): Record<string, string[]> {
  const own = new Set([...OF_CONNECTION, ...connection.toLowerCase().split(/\s*,\s*/), "host"]);
  const headers: Record<string, string[]> = {};
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (!own.has(name)) (headers[name] ??= []).push(raw[at + 1]!);
  }
  return headers;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`xero-m2m record: ${message}\n`);
}
