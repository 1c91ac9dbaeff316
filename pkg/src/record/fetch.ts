/** `fetch` of Bun and Deno, which no channel reports. */

import type { Saw } from "./channels.js";

/** Returns whether the platform reports requests of its `fetch` to no channel. */
export function isWithoutChannel(): boolean {
  return "Deno" in globalThis || process.versions["bun"] !== undefined;
}

/** Reports each call of `fetch` before it is made. It is handed on as it is, and no error in here reaches the program. */
export function watchFetch(saw: Saw): void {
  globalThis.fetch = new Proxy(globalThis.fetch, {
    apply(fetch, self, given: [RequestInfo | URL, RequestInit | undefined]) {
      try {
        const [input, init] = given;
        const request = typeof input === "object" && "url" in input ? input : undefined;
        saw(`${init?.method ?? request?.method ?? "GET"}`, request?.url ?? `${input as string | URL}`);
      } catch {
        // An argument of another form, about which fetch itself has to decide.
      }
      return Reflect.apply(fetch, self, given);
    },
  });
}
