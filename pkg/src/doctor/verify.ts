/** Asks a live account the questions about Xero that nothing else settles. The core decides; this sends its requests. */

import { CustomConnection, type CustomConnectionOptions } from "xero-m2m";
import { type Verification, type VerificationAnswer, type VerificationRequest, verification } from "xero-m2m/policy";
import { API_URL, IDENTITY_URL } from "../shared/addresses.js";
import { type Shape, checkKnown, checkValues, isFunction } from "../shared/check.js";
import { failure } from "../shared/errors.js";

/** The connection that is asked. */
export type VerifyConnection = Pick<CustomConnectionOptions, "identityUrl" | "apiUrl" | "fetch" | "timeoutMs"> & {
  /** The client id. */
  clientId: string;
  /** The client secret. */
  clientSecret: string;
};

/** The way in which it is asked. */
export interface VerifyQuestion {
  /**
   * Decides if the questions are asked, once the organisation is known. `text` names it, and states the number of calls. Until then a
   * token and one call are asked for.
   */
  confirm: (text: string) => boolean | Promise<boolean>;
  /** True to create one draft invoice and delete it. Default: false, and nothing is changed. */
  write?: boolean | undefined;
  /** Ends the run: `verify` rejects with its reason. A draft may be left then. */
  signal?: AbortSignal | undefined;
  /** Is called before each request with a line about it. */
  onProgress?: ((line: string) => void) | undefined;
}

const QUESTION: Shape<VerifyQuestion> = {
  confirm: [isFunction, "a function"],
  write: [(value) => typeof value === "boolean", "true or false"],
  signal: [(value) => value instanceof AbortSignal, "an AbortSignal"],
  onProgress: [isFunction, "a function"],
};

/** The most bytes of a body that are read. */
const MOST_BYTES = 262_144;

/**
 * Asks a custom connection those of thirteen questions about Xero that a live account settles, with at most 25 requests. Each answer is
 * compared with the fact as this package has it. Resolves to `undefined` if `confirm` returned false.
 *
 * The report has no secret, name or id in it, so that it can be published. A request that goes wrong leaves its question open.
 *
 * @throws `XeroError` `invalid_option` or `insecure_url`, as the constructor of the client does.
 * @example
 * ```ts
 * import { verify } from "xero-m2m/doctor";
 *
 * const report = await verify({ clientId, clientSecret }, { confirm: (text) => ask(text) });
 * console.log(report?.summary);
 * ```
 */
export async function verify(connection: VerifyConnection, question: VerifyQuestion): Promise<Verification | undefined> {
  checkKnown("verify()", question, QUESTION);
  checkValues(question, QUESTION);
  if (!isFunction(question.confirm)) throw failure("invalid_option", "verify() needs confirm, a function");
  if (typeof connection.clientSecret !== "string") throw failure("invalid_option", "verify() needs clientSecret, a text");
  // It checks the options.
  new CustomConnection({ ...connection }).close();
  const { signal, confirm, write = false, onProgress } = question;
  const identityUrl = withoutSlash(connection.identityUrl ?? IDENTITY_URL);
  const apiUrl = withoutSlash(connection.apiUrl ?? API_URL);
  const courier = new Courier({ ...connection, identityUrl, apiUrl }, signal, onProgress);
  const isXero = identityUrl.toLowerCase() === IDENTITY_URL && apiUrl.toLowerCase() === API_URL;
  const on = new Date().toISOString().slice(0, 10);
  const heard: VerificationAnswer[] = [];
  let agreed = false;
  for (;;) {
    const step = verification({ write, agreed, on, isXero }, heard);
    if (step.report) return step.report;
    if (step.confirm !== undefined) {
      if (!(await confirm(step.confirm))) return undefined;
      agreed = true;
      continue;
    }
    heard.push(...(await Promise.all(step.ask!.map((request) => courier.send(request)))));
  }
}

const withoutSlash = (url: string) => url.replace(/\/$/, "");

/** Sends requests and keeps the tokens that come back. */
class Courier {
  readonly #tokens = new Map<string, string>();

  constructor(
    readonly connection: VerifyConnection & { identityUrl: string; apiUrl: string },
    readonly signal: AbortSignal | undefined,
    readonly onProgress: ((line: string) => void) | undefined,
  ) {}

  /** The answer to a request, without a token in it. Rejects only if the caller ends the run. */
  async send(request: VerificationRequest): Promise<VerificationAnswer> {
    const { id, service, method, path, headers, body } = request;
    this.#progress(`asking ${service === "identity" ? "the identity service" : "the API"} (${id})`);
    const { identityUrl, apiUrl, fetch = globalThis.fetch, timeoutMs = 30_000 } = this.connection;
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${service === "identity" ? identityUrl : apiUrl}${path}`, {
        method,
        headers: [...headers, ["authorization", this.#authorization(request)]],
        ...(body !== undefined && { body }),
        redirect: "manual",
        signal: this.signal ? AbortSignal.any([limit, this.signal]) : limit,
      });
      const text = await beginning(response);
      const { status } = response;
      const answer = { id, status, headers: [...response.headers] as [string, string][] };
      return service === "identity" ? { ...answer, ...this.#kept(id, parsed(text)) } : { ...answer, text, body: parsed(text) };
    } catch {
      this.signal?.throwIfAborted();
      return { id, failed: limit.aborted ? "timeout" : "offline" };
    }
  }

  #progress(line: string): void {
    try {
      this.onProgress?.(line);
    } catch {
      // An error of the display does not end the run.
    }
  }

  #authorization({ secret, token }: VerificationRequest): string {
    if (token !== undefined) return `Bearer ${this.#tokens.get(token) ?? ""}`;
    const { clientId, clientSecret } = this.connection;
    const encoded = (text: string) => new URLSearchParams([["", text]]).toString().slice(1);
    return `Basic ${btoa(`${encoded(clientId)}:${encoded(secret ?? clientSecret)}`)}`;
  }

  /** Keeps the token of an answer, and returns the rest of it with the claims. */
  #kept(id: string, body: unknown): Pick<VerificationAnswer, "body" | "hasToken" | "claims"> {
    if (typeof body !== "object" || body === null || Array.isArray(body)) return { body };
    const { access_token: token, refresh_token, id_token, ...rest } = body as Record<string, unknown>;
    if (typeof token !== "string" || !token) return { body: rest };
    this.#tokens.set(id, token);
    return { body: rest, hasToken: true, claims: claimsOf(token) };
  }
}

/** The claims of a JWT; `undefined` if the token is none. */
function claimsOf(token: string): unknown {
  const [, payload] = token.split(".");
  if (!payload) return undefined;
  try {
    return parsed(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The beginning of a body; the rest is left. */
async function beginning({ body }: Response): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let read = 0; read < MOST_BYTES; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    read += value.byteLength;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
