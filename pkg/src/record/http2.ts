/** `node:http2` where no channel reports its requests: in Node.js 20. */

import { syncBuiltinESMExports } from "node:module";
import { type Http2Headers, type Http2Reports, type Saw, sawHttp2 } from "./channels.js";
import { isWithoutChannel } from "./fetch.js";

/** A session that opens streams. */
type OpenSession = Parameters<Http2Reports["isSeen"]>[0] & { request: (headers?: Http2Headers, options?: unknown) => unknown };

/** Returns whether this runtime has no channel for requests of `node:http2`. */
export function isWithoutHttp2Channel(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  // A version between that has the channel all the same is found out by its reports.
  return !isWithoutChannel() && (major < 22 || (major === 22 && minor < 20) || major === 23);
}

/** Reports each request of a session that is opened from now on. It is handed on as it is, and no error in here reaches the program. */
export function watchHttp2(saw: Saw, reports: Http2Reports): void {
  const http2 = require("node:http2") as { connect: (authority: string | URL) => OpenSession };
  http2.connect = new Proxy(http2.connect, {
    apply(connect, self, given: [authority: string | URL]) {
      const session = Reflect.apply(connect, self, given);
      session.request = new Proxy(session.request, {
        apply(request, own, sent: [headers?: Http2Headers]) {
          const before = reports.count;
          const stream: unknown = Reflect.apply(request, own, sent);
          try {
            if (reports.count === before && !reports.isSeen(session)) sawHttp2(saw, sent[0], `${given[0]}`);
          } catch {
            // Arguments of another form, which the session took.
          }
          return stream;
        },
      });
      return session;
    },
  });
  // For those that import it by its name.
  syncBuiltinESMExports();
}
