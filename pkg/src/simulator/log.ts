/** The log of a local Xero: one entry for each request. */

/** An entry of the log. It has no value of a query, and nothing of a header or a body. */
export interface SimulatorLogEntry {
  /** The instant at which the request arrived, by the clock of the machine: `2026-11-30T21:00:00.000Z`. */
  at: string;
  method: string;
  /** The host that it was sent to through the proxy. Absent for a request to the address of the local Xero. */
  host?: string;
  /** The path. Absent for a tunnel that was refused or failed. */
  path?: string;
  /** The names of the query. */
  query: string[];
  /** The status of the response. Absent if there was none. */
  status?: number;
  /** The time until the end of the response, in milliseconds. */
  ms: number;
  /** The operation, such as `accounting.getInvoices`. Absent for a path that is none of Xero's API. */
  operation?: string;
  /** The scopes of the token that open the operation. */
  scopes?: string[];
  /** The reason for a refusal, or for a response that was not given. */
  refused?: string;
}

/** The facts of an entry that the core knows. */
export type Explained = Pick<SimulatorLogEntry, "operation" | "scopes" | "refused">;

/** An entry of a request that arrives now. Call `done` when its response has ended. */
export function begin(method: string, target: string, host?: string): Opened {
  const started = performance.now();
  const at = new Date().toISOString();
  const [path = "", query = ""] = shown(target.replace(/^https?:\/\/[^/?#]*/i, "")).split("?", 2);
  const names = [...new Set(query.split("&").map((pair) => pair.split("=", 1)[0]!).filter(Boolean))];
  return {
    done: (facts) => ({
      at,
      method,
      ...(host !== undefined && { host }),
      ...(path !== "" && { path }),
      query: names,
      ms: Math.round(performance.now() - started),
      ...facts,
    }),
  };
}

/** A target of a request without tokens in a wrong place, and without characters that could change a terminal. */
function shown(target: string): string {
  return target.replace(/eyJ[\w-]{8,}(?:\.[\w-]*)*/g, "(token)").replace(/[^\x21-\x7e]/g, "?");
}

/** An entry whose response has not ended. */
export interface Opened {
  done(facts: Explained & Pick<SimulatorLogEntry, "status">): SimulatorLogEntry;
}
