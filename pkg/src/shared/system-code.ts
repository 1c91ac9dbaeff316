/** The codes of errors of the system, in what a `fetch` rejected with. */

/** The name of the error of a file that was removed or changed before it was read. */
export const UNREADABLE = "NotReadableError";

/** The code of a system error, such as ECONNREFUSED; the empty text if there is none. Nothing else of a foreign error is quoted. */
export function codeOf(thrown: unknown): string {
  try {
    for (let error = thrown, depth = 0; typeof error === "object" && error !== null && depth < 5; depth++) {
      const { code, cause, message, name } = error as { code?: unknown; cause?: unknown; message?: unknown; name?: unknown };
      if (name === UNREADABLE) return UNREADABLE;
      if (typeof code === "string" && /^([A-Z][A-Z0-9_]{2,40}|ConnectionRefused|FailedToOpenSocket)$/.test(code)) return code;
      // Deno has no code for it.
      if (typeof message === "string" && message.includes("client error (Connect)")) return "ECONNREFUSED";
      error = cause;
    }
  } catch {
    // A getter of a foreign error threw.
  }
  return "";
}
