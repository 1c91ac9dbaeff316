/** The codes and kinds of errors of others: the gate for all that is quoted of them. */

/** The name of the error of a file that was removed or changed before it was read. */
export const UNREADABLE = "NotReadableError";

/**
 * The code of an error of the system, such as ECONNREFUSED, or the five characters of SQLSTATE; the empty text if there is none.
 * Nothing else of a foreign error is quoted, but for its {@link kindOf | kind}.
 */
export function codeOf(thrown: unknown): string {
  try {
    for (let error = thrown, depth = 0; typeof error === "object" && error !== null && depth < 5; depth++) {
      const { code, cause, message, name } = error as { code?: unknown; cause?: unknown; message?: unknown; name?: unknown };
      if (name === UNREADABLE) return UNREADABLE;
      // The tunnel of a proxy: undici has a code for all failures, and Deno none.
      const tunnel = typeof message === "string" && /^Proxy response \((\d{3})\)|proxy authentication required/.exec(message);
      if (tunnel) return `PROXY_${tunnel[1] ?? 407}`;
      if (typeof code === "string" && /^([A-Z][A-Z0-9_]{2,40}|\d[0-9A-Z]{4}|ConnectionRefused|FailedToOpenSocket)$/.test(code)) return code;
      // Deno has no code for it.
      if (typeof message === "string" && message.includes("client error (Connect)")) return "ECONNREFUSED";
      error = cause;
    }
  } catch {
    // A getter of a foreign error threw.
  }
  return "";
}

/** The code of an error, or the name of its class, such as ClientClosedError; the empty text if it has none of its own. */
export function kindOf(thrown: unknown): string {
  const code = codeOf(thrown);
  if (code) return code;
  try {
    const { name } = thrown as { name?: unknown };
    return typeof name === "string" && /^[A-Z][A-Za-z]{1,40}Error$/.test(name) ? name : "";
  } catch {
    return "";
  }
}
