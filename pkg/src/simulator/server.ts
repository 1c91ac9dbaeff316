/** The HTTP servers of a local Xero. */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { failure } from "../shared/errors.js";
import { Control } from "./control.js";
import { loadHttp } from "./core.js";
import { deliver } from "./delivery.js";
import type { LocalXero } from "./local-xero.js";
import { checkListen } from "./options.js";
import type { ListenOptions, SimulatorServer } from "./types.js";

/** The most bytes of a body that is read from a socket: Xero's own limit is lower. */
const MAX_BODY = 20_000_000;

/** The servers of one local Xero. */
export class Servers {
  /** The address of the server that was started last and is still open. */
  url: string | undefined;
  readonly #xero: LocalXero;
  readonly #control: Control;
  readonly #open = new Set<SimulatorServer>();

  constructor(xero: LocalXero) {
    this.#xero = xero;
    this.#control = new Control(xero);
  }

  async listen(options: ListenOptions): Promise<SimulatorServer> {
    const { port, host } = checkListen(options);
    if (!loadHttp) throw failure("invalid_option", "listen() needs node:http, which this platform does not have; use `fetch` of the local Xero");
    const { createServer } = await loadHttp();
    const server = createServer((request, response) => this.#receive(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
    const address = server.address();
    const bound = typeof address === "object" && address ? address.port : port;
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
    const own = { url, close: () => this.#close(own, server) };
    this.#open.add(own);
    this.url = url;
    return own;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((server) => server.close()));
  }

  #close(own: SimulatorServer, server: Server): Promise<void> {
    this.#open.delete(own);
    if (this.url === own.url) this.url = undefined;
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  /** Reads a request and responds to it. */
  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
    });
    request.on("end", () => {
      if (size > MAX_BODY) response.writeHead(413).end();
      else void this.#respond(request, new Uint8Array(Buffer.concat(chunks)), response);
    });
  }

  async #respond(request: IncomingMessage, body: Uint8Array, response: ServerResponse): Promise<void> {
    const { method = "GET", url: target = "/", headers, headersDistinct } = request;
    try {
      const lines = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      const controlled = this.#control.respond(method, target, headers);
      await deliver(controlled ?? (await this.#xero.respond(method, target, lines, body)), response);
    } catch (error) {
      // A bug, or an option `now` that returns no instant.
      if (!response.headersSent) response.writeHead(500, { "Content-Type": "text/plain" });
      response.end(error instanceof Error ? error.message : "the local Xero failed");
    }
  }
}
