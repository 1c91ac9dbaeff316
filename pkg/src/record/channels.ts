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

/** Reports each request of this thread that is sent. It changes none of them, and no error in here reaches the program. */
export function watchChannels(saw: Saw): void {
  listen("undici:request:create", ({ request }: { request: UndiciRequest }) => {
    const { method, origin, path } = request;
    // A tunnel through a proxy; the request in it is reported by itself.
    if (method !== "CONNECT") saw(method, urlOf(`${origin}`, path));
  });
  listen("http.client.request.start", ({ request }: { request: HttpRequest }) => {
    const { method, protocol, host, path } = request;
    if (method !== "CONNECT") saw(method, urlOf(`${protocol}//${request.getHeader("host") ?? host}`, path));
  });
}

/** A request by a proxy has the whole URL as its path. */
function urlOf(origin: string, path: string): string {
  return /^https?:/i.test(path) ? path : origin.replace(/\/$/, "") + path;
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
