/** The HTTP servers of a local Xero. */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { failure } from "../shared/errors.js";
import { makeIdentity } from "./certificate.js";
import { Control } from "./control.js";
import { type Platform, platform } from "./core.js";
import { deliver } from "./delivery.js";
import { type LocalXero, outcomeOf } from "./local-xero.js";
import { type Opened, begin } from "./log.js";
import { checkListen } from "./options.js";
import { Proxy } from "./proxy.js";
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
    const given = checkListen(options);
    const { port, host } = given;
    if (!platform) throw failure("invalid_option", "listen() needs node:http, which this platform does not have; use `fetch` of the local Xero");
    const { server, authority, closeMore } = await this.#make(platform, given);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
    const address = server.address();
    const bound = typeof address === "object" && address ? address.port : port;
    const url = `${given.https ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${bound}`;
    const own = {
      url,
      ...(authority !== undefined && { authority }),
      close: () => {
        closeMore?.();
        return this.#close(own, server);
      },
    };
    this.#open.add(own);
    this.url = url;
    return own;
  }

  /** Makes a server, and what belongs to it if it has a certificate. */
  async #make(
    { http, https, crypto }: Platform,
    given: Required<ListenOptions>,
  ): Promise<{ server: Server; authority?: string; closeMore?: () => void }> {
    const receive = (request: IncomingMessage, response: ServerResponse) => this.#receive(request, response);
    if (!given.https && !given.proxy) return { server: (await http()).createServer(receive) };
    const { certificate: cert, key, authority } = makeIdentity(await crypto());
    const { createServer } = await https();
    if (given.https) return { server: createServer({ cert, key }, receive), authority };
    const inner = createServer({ cert, key }, (request, response) => {
      const { servername } = request.socket as { servername?: string | false };
      this.#receive(request, response, servername || undefined);
    });
    const proxy = new Proxy((entry) => this.#xero.log(entry));
    const server = (await http()).createServer((request, response) => {
      const admitted = proxy.admit(request, response);
      if (admitted) this.#receive(request, response, admitted.host);
    });
    proxy.attach(server, inner);
    const closeMore = () => {
      proxy.close();
      inner.closeAllConnections();
    };
    return { server, authority, closeMore };
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
  #receive(request: IncomingMessage, response: ServerResponse, host?: string): void {
    const opened = begin(request.method ?? "GET", request.url ?? "/", host);
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
    });
    request.on("end", () => {
      if (size <= MAX_BODY) return void this.#respond(request, new Uint8Array(Buffer.concat(chunks)), response, opened);
      response.writeHead(413).end();
      this.#xero.log(opened.done({ status: 413, refused: "the body is too long" }));
    });
  }

  async #respond(request: IncomingMessage, body: Uint8Array, response: ServerResponse, opened: Opened): Promise<void> {
    const { method = "GET", url: target = "/", headers, headersDistinct } = request;
    try {
      const lines = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      const controlled = this.#control.respond(method, target, headers);
      const answer = controlled ?? (await this.#xero.respond(method, target, lines, body));
      response.once("close", () => this.#xero.log(opened.done(outcomeOf(answer))));
      await deliver(answer, response);
    } catch (error) {
      // A bug, or an option `now` that returns no instant.
      if (!response.headersSent) response.writeHead(500, { "Content-Type": "text/plain" });
      response.end(error instanceof Error ? error.message : "the local Xero failed");
    }
  }
}
