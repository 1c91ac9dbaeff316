/** The proxy of a local Xero: TLS for Xero's own hosts, and a refusal of every other. */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { simulatorPassage } from "../glue/simulator.js";
import { core } from "./core.js";
import type { Passage } from "./door.js";
import { type SimulatorLogEntry, begin } from "./log.js";

/** The reason phrase of a refusal, which many clients show instead of the body. */
const PHRASE = "The local Xero does not answer for this host";

/** The advice about a certificate that is not trusted. */
const TRUST = "set NODE_EXTRA_CA_CERTS, SSL_CERT_FILE or REQUESTS_CA_BUNDLE for it";

/** The tunnels of a server that is a proxy. */
export class Proxy {
  readonly #log: (entry: SimulatorLogEntry) => void;
  /** Connections that asked for a tunnel; the server that they came to knows nothing of them any more. */
  readonly #connections = new Set<Duplex>();

  constructor(log: (entry: SimulatorLogEntry) => void) {
    this.#log = log;
  }

  /** Opens tunnels that reach `plain` to `inner`, which answers on them for Xero's hosts. */
  attach(plain: Server, inner: SecureServer): void {
    plain.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#connections.add(socket);
      socket.on("error", () => socket.destroy()).on("close", () => this.#connections.delete(socket));
      const opened = begin("CONNECT", "", printable(request.url));
      const { tunnel, refused = "" } = passage("CONNECT", request.url ?? "");
      if (tunnel === undefined) {
        socket.end(`HTTP/1.1 403 ${PHRASE}\r\nContent-Type: text/plain\r\nContent-Length: ${refused.length + 1}\r\nConnection: close\r\n\r\n${refused}\n`);
        return this.#log(opened.done({ status: 403, refused }));
      }
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length) socket.unshift(head);
      // The end of one side is that of both: a program may leave in the middle of a handshake.
      socket.allowHalfOpen = false;
      inner.emit("connection", socket);
    });
    // Programs that check a certificate after the handshake, as Node.js does, end the connection without an alert.
    const silent = new WeakSet<object>();
    inner.on("secureConnection", (socket: TLSSocket) => {
      const opened = begin("CONNECT", "", printable(socket.servername || "unknown host"));
      silent.add(socket.once("close", () => {
        if (silent.has(socket)) this.#log(opened.done({ refused: `the program closed the connection before a request; if it did not trust the certificate, ${TRUST}` }));
      }));
    });
    inner.prependListener("request", ({ socket }: IncomingMessage) => void silent.delete(socket));
    inner.on("tlsClientError", (error: NodeJS.ErrnoException, { servername }: { servername?: string | false }) => {
      this.#log(begin("CONNECT", "", printable(servername || "unknown host")).done({ refused: reasonOf(error) }));
    });
  }

  /** Refuses a request in absolute form that is for another host. Returns the host that it is for, if one was named. */
  admit({ method = "GET", url = "/" }: IncomingMessage, response: ServerResponse): { host?: string } | undefined {
    const { host, refused } = passage(method, url);
    if (refused === undefined) return host === undefined ? {} : { host };
    const opened = begin(method, "", printable(/^[^/]*\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(url)?.[1]));
    response.writeHead(403, PHRASE, { "Content-Type": "text/plain" }).end(`${refused}\n`);
    this.#log(opened.done({ status: 403, refused }));
    return undefined;
  }

  close(): void {
    for (const socket of this.#connections) socket.destroy();
  }
}

function passage(method: string, target: string): Passage {
  return core.run(simulatorPassage, method, target);
}

/** The reason for which no TLS came about. */
function reasonOf({ code = "", message }: NodeJS.ErrnoException): string {
  if (/UNKNOWN_CA|CERTIFICATE/.test(code)) {
    return `the program does not trust the certificate; ${TRUST}`;
  }
  return code === "ECONNRESET" ? "the program closed the connection before TLS" : `no TLS: ${printable(code || message)}`;
}

/** A text of a request without characters that could change a terminal. */
function printable(text = ""): string {
  return text.replace(/[^\x21-\x7e]/g, "?").slice(0, 100);
}
