/** The address on this machine that Xero sends the browser back to. */

import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { Judged } from "xero-m2m/user";

/** Judges a request by its method, its target and its header `Host`. */
export type Judge = (method: string, target: string, host: string) => Judged;

/** Both families: a program on the other one would get the code, because `localhost` is both. */
const ADDRESSES = ["127.0.0.1", "::1"] as const;

/** Errors of a machine without an address family. */
const ABSENT = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"]);

/** The page reflects nothing, loads nothing and is in no frame, cache or log of another site. */
const HEADERS = {
  "cache-control": "no-store",
  connection: "close",
  "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "content-type": "text/html; charset=utf-8",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const page = (words: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>xero-m2m</title><p>${words}</p></html>\n`;
const PAGES = {
  code: [200, page("This part is done. Go back to the terminal; you can close this page.")],
  refused: [200, page("Xero gave no access. Go back to the terminal; you can close this page.")],
  stray: [404, page("There is nothing here.")],
} as const;

/** Servers that wait for the callback. */
export interface Listener {
  /** The callback, once it has come. */
  readonly answer: Promise<Judged>;
  /** Stops listening. */
  close(): void;
}

/**
 * Listens on both address families before anything is opened. Rejects if the port is in use on one of them; a family that
 * the machine does not have is left out.
 */
export async function listen(port: number, judge: Judge): Promise<Listener> {
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) {
      server.close();
      server.closeIdleConnections();
    }
  };
  let found!: (judged: Judged) => void;
  const answer = new Promise<Judged>((resolve) => (found = resolve));
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    // A request with several of these headers is judged by all of them, and fits none.
    const hosts = request.rawHeaders.filter((_, at) => at % 2 === 1 && request.rawHeaders[at - 1]!.toLowerCase() === "host");
    const judged = judge(request.method ?? "", request.url ?? "", hosts.join(", "));
    const [status, body] = PAGES["code" in judged ? "code" : "refused" in judged ? "refused" : "stray"];
    response.writeHead(status, HEADERS).end(body, () => {
      if (!("stray" in judged)) found(judged);
    });
  };
  for (const address of ADDRESSES) {
    const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 16_384 }, serve);
    try {
      await bound(server, port, address);
      servers.push(server);
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (ABSENT.has(code)) continue;
      close();
      throw new Error(reason(code, port, address));
    }
  }
  if (!servers.length) throw new Error("this machine has no loopback address, so no browser can come back to it; paste works with --no-browser");
  return { answer, close };
}

function bound(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen({ port, host, ipv6Only: host === "::1" }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function reason(code: string, port: number, address: string): string {
  if (code === "EADDRINUSE") {
    return `port ${port} is in use on ${address} by another program, which could get the answer of Xero; end it, or choose another port with --port and add its redirect address to the app`;
  }
  if (code === "EACCES") return `port ${port} is not allowed; choose one from 1024 on with --port`;
  return `cannot listen on port ${port} of ${address} (${code}); choose another port with --port`;
}
