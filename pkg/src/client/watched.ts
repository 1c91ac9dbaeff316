/** A body that is a stream, watched: if it fails, its caller has to know, but `fetch` rejects as for a broken connection. */

import { isolated } from "./core.js";

/** What became of a body. */
interface Seen {
  /** Some of it was read. */
  began: boolean;
  failed: boolean;
}

const watched = new WeakMap<object, Seen>();

/** A stream of Node.js, which keeps its error. */
interface NodeStream {
  errored?: unknown;
  readableDidRead?: boolean;
  on?(event: "error", listener: () => void): void;
}

/** A body that can be sent once only. */
export function isStream(body: unknown): body is ReadableStream | AsyncIterable<unknown> {
  return typeof body === "object" && body !== null && ("getReader" in body || Symbol.asyncIterator in body);
}

/**
 * The same body, of which {@link failedBody} knows whether it failed. Nothing of it is read before the platform reads it.
 *
 * On edge networks it is left as it is: there, a stream may know its length, and another around it would not.
 */
export function watch(body: ReadableStream | AsyncIterable<unknown>): BodyInit {
  const { on } = body as NodeStream;
  // It may fail before `fetch` gets to it, and must not end the process by that.
  if (typeof on === "function") on.call(body, "error", () => {});
  if (isolated || typeof on === "function") return body as ReadableStream;
  const seen: Seen = { began: false, failed: false };
  let source: (Partial<ReadableStreamDefaultReader> & Partial<AsyncIterator<unknown>>) | undefined;
  const whole = new ReadableStream(
    {
      async pull(controller) {
        try {
          source ??= "getReader" in body ? body.getReader() : body[Symbol.asyncIterator]();
          const { done, value } = await (source.read ? source.read() : source.next!());
          if (done) return controller.close();
          seen.began = true;
          controller.enqueue(typeof value === "string" ? new TextEncoder().encode(value) : value);
        } catch (error) {
          seen.failed = true;
          throw error;
        }
      },
      async cancel(reason) {
        await (source?.cancel?.(reason) ?? source?.return?.() ?? ("cancel" in body ? body.cancel(reason) : undefined));
      },
    },
    { highWaterMark: 0 },
  );
  watched.set(whole, seen);
  return whole;
}

/** Checks whether a body failed while it was read, and whether any of it may have been sent before. */
export function failedBody(body: unknown): { unsent: boolean } | undefined {
  if (!isStream(body)) return undefined;
  const { errored, readableDidRead } = body as NodeStream;
  const { began, failed } = watched.get(body) ?? { began: readableDidRead !== false, failed: errored != null };
  return failed ? { unsent: !began } : undefined;
}
