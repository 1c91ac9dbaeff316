/** Requests of this process, as the platform reports them. */

import { subscribe } from "node:diagnostics_channel";

/** Takes the method and the URL of a request. */
export type Saw = (method: string, url: string) => void;

/** A request of undici, which `fetch` of Node.js uses too. */
interface UndiciRequest {
  method: string;
  origin: string | URL;
  path: string;
}

/** A request of `node:http` or `node:https`. */
interface HttpRequest {
  method: string;
  protocol: string;
  host: string;
  path: string;
  getHeader(name: string): unknown;
}

/** A socket of undici. */
interface UndiciSocket {
  alpnProtocol?: string | false | null;
  localPort?: number;
}

/** A session of `node:http2`. */
interface Http2Session {
  socket?: { localPort?: number } | undefined;
  originSet?: string[] | undefined;
}

/** The reports of requests by HTTP/2. */
export interface Http2Reports {
  /** The number of reports by the channel of `node:http2`. */
  count: number;
  /** Returns whether the requests of a session are reported by the channel of undici. */
  isSeen: (session: Http2Session | undefined) => boolean;
}

/** The headers of a request of `node:http2`; some versions report them as they were given, in a list too. */
export type Http2Headers = Record<string, unknown> | readonly unknown[] | undefined;

/**
 * Reports each request of this thread that is sent. It changes none of them, and no error in here reaches the program.
 *
 * Returns its reports of HTTP/2, because not every platform has that channel.
 */
export function watchChannels(saw: Saw): Http2Reports {
  listen("undici:request:create", ({ request }: { request: UndiciRequest }) => {
    const { method, origin, path } = request;
    // A tunnel through a proxy; the request in it is reported by itself.
    if (method !== "CONNECT") saw(method, urlOf(`${origin}`, path));
  });
  listen("http.client.request.start", ({ request }: { request: HttpRequest }) => {
    const { method, protocol, host, path } = request;
    if (method !== "CONNECT") saw(method, urlOf(`${protocol}//${request.getHeader("host") ?? host}`, path));
  });
  // Undici sends by HTTP/2 too, and has then reported the request already.
  const ofUndici = new Map<number, WeakRef<UndiciSocket>>();
  listen("undici:client:connected", ({ socket }: { socket: UndiciSocket }) => {
    if (socket.alpnProtocol === "h2" && socket.localPort !== undefined) ofUndici.set(socket.localPort, new WeakRef(socket));
  });
  // The socket of a session is a proxy, so it is known by its port.
  const reports: Http2Reports = {
    count: 0,
    isSeen(session) {
      const port = session?.socket?.localPort;
      return port !== undefined && ofUndici.get(port)?.deref()?.localPort === port;
    },
  };
  listen("http2.client.stream.created", ({ stream: { session }, headers }: { stream: { session?: Http2Session }; headers: Http2Headers }) => {
    reports.count += 1;
    if (!reports.isSeen(session)) sawHttp2(saw, headers, session?.originSet?.[0]);
  });
  return reports;
}

/** Reports a request of `node:http2`, of a session to this origin. */
export function sawHttp2(saw: Saw, given: Http2Headers, origin = ""): void {
  const headers = Array.isArray(given) ? paired(given) : ((given ?? {}) as Record<string, unknown>);
  const { ":method": method = "GET", ":authority": authority = headers["host"], ":path": path = "/" } = headers;
  if (method !== "CONNECT") saw(`${method}`, urlOf(authority === undefined ? origin : `https://${authority}`, `${path}`));
}

/** Names and values in turn. */
function paired(list: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(list.flatMap((name, at) => (at % 2 ? [] : [[`${name}`.toLowerCase(), list[at + 1]]])));
}

/** A request by a proxy has the whole URL as its path. */
function urlOf(origin: string, path: string): string {
  if (!path.startsWith("/") && /^https?:/i.test(path)) return path;
  return (origin.endsWith("/") ? origin.slice(0, -1) : origin) + path;
}

function listen<Message>(channel: string, take: (message: Message) => void): void {
  subscribe(channel, (message) => {
    try {
      take(message as Message);
    } catch {
      // A message of another form. It must not end the program.
    }
  });
}
