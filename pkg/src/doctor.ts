/**
 * What works on a custom connection, what does not, and what to do about it.
 *
 * @module
 */

import {
  type AccessToken,
  CustomConnection,
  type CustomConnectionOptions,
  type XeroError,
  type XeroEvent,
} from "xero-m2m";
import { type Calls, type Scopes, catalogue } from "xero-m2m/policy";
import { type Evidence, type Health, diagnosis } from "./diagnosis.js";
import { type Shape, TEXTS, checkKnown, checkValues } from "./shape.js";

export type { Health, HealthState, HealthStep, HealthStepName } from "./diagnosis.js";

/** What a connection is for, as far as it is to be compared with what it can do. */
export interface DoctorQuestion {
  /** The scopes that it is to have, in any form that `parseScopes` reads. Default: the option `scopes`, if it is a list. */
  scopes?: Scopes | undefined;
  /** What is called, in any form that `requiredScopes` reads. */
  calls?: Calls | undefined;
  /** Ends it early: the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const QUESTION: Shape<DoctorQuestion> = {
  scopes: TEXTS,
  calls: TEXTS,
  signal: [(value) => value instanceof AbortSignal, "an AbortSignal"],
};

/**
 * Diagnoses a custom connection: asks for a token of its own, makes one harmless call (the organisation, or the list that
 * the granted scopes open), and judges what came of both. It changes nothing, and takes no part in the queue of limits.
 *
 * Whatever is wrong is told in the answer, so it does not throw for it. The answer has no secret, token, client id or
 * body in it, and is safe to paste in a ticket; it does name the organisation.
 *
 * @param options As for `new CustomConnection()`. `store`, `limits`, `retry`, `preflight` and `onEvent` play no part.
 * @throws `XeroError` `invalid_option`, `insecure_url` or `in_browser`, as the constructor of the client does.
 * @example
 * ```ts
 * import { diagnose } from "xero-m2m/doctor";
 *
 * const health = await diagnose({ clientId, clientSecret }, { calls: "GET /Invoices" });
 * console.log(health.report);
 * if (!health.ok) process.exitCode = 1;
 * ```
 */
export async function diagnose(options: CustomConnectionOptions, question: DoctorQuestion = {}): Promise<Health> {
  checkKnown("doctor()", question, QUESTION);
  checkValues(question, QUESTION);
  const { signal } = question;
  const evidence: Evidence = {
    secrets: Array.isArray(options.clientSecret) ? options.clientSecret.length : 1,
    createdOn: options.createdOn,
    wanted: question.scopes ?? (Array.isArray(options.scopes) ? options.scopes : undefined),
    calls: question.calls,
    heard: [],
  };
  await examine(evidence, options, signal);
  if (evidence.tokenError?.code === "invalid_scope") {
    // With what is configured, the rest can be looked at all the same.
    evidence.unconfigured = evidence.tokenError;
    delete evidence.tokenError;
    await examine(evidence, { ...options, scopes: "configured" }, signal);
  }
  return diagnosis(evidence);
}

/** Asks for a token, and makes a call with it. */
async function examine(evidence: Evidence, options: CustomConnectionOptions, signal?: AbortSignal): Promise<void> {
  const { preflight, limits, retry, store, ...rest } = options;
  const client = new CustomConnection({
    ...rest,
    preflight: false,
    limits: false,
    retry: 0,
    fetch: listening(options.fetch ?? globalThis.fetch, evidence),
    onEvent: (event) => note(evidence, event),
  });
  try {
    const token = await tried(() => client.token({ ...(signal && { signal }) }), signal);
    if ("error" in token) {
      evidence.tokenError = token.error;
      return;
    }
    evidence.token = token.value;
    const { operation, path } = harmlessCall(token.value);
    const answer = await tried(() => client.json("GET", path, undefined, { ...(signal && { signal }) }), signal);
    evidence.call = { operation, ...("error" in answer ? { error: answer.error } : { body: answer.value }) };
  } finally {
    client.close();
  }
}

/** What comes of it, unless it was the caller who ended it. */
async function tried<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<{ value: T } | { error: XeroError }> {
  try {
    return { value: await act() };
  } catch (thrown) {
    signal?.throwIfAborted();
    return { error: thrown as XeroError };
  }
}

/** Notes for each answer when it came and when it says that it was sent. */
function listening(fetch: typeof globalThis.fetch, { heard }: Evidence): typeof globalThis.fetch {
  return async (input, init) => {
    const sentAt = Date.now();
    const response = await fetch(input, init);
    heard.push({ sentAt, cameAt: Date.now(), date: Date.parse(response.headers.get("date") ?? "") });
    return response;
  };
}

function note(evidence: Evidence, event: XeroEvent): void {
  if (event.type === "token.renewed") evidence.secret = event.secret;
  if (event.type === "limit.learnt") evidence.left = event;
}

/** The organisation; where no granted scope opens that, the first page of a list that one does. */
function harmlessCall({ scopes }: AccessToken): { operation: string; path: string } {
  const { operations } = catalogue;
  const opened = ({ granular, broad }: (typeof operations)[number]) =>
    [...granular, ...broad].some((scope) => scopes?.includes(scope));
  const organisation = operations.find(({ key }) => key === "accounting.getOrganisations")!;
  const list = operations.find(
    (operation) =>
      operation.method === "GET" &&
      operation.paging === "page_size" &&
      !operation.path.includes("{") &&
      !operation.requiredQuery.length &&
      opened(operation),
  );
  const chosen = scopes === undefined || opened(organisation) || !list ? organisation : list;
  return { operation: chosen.key, path: chosen === organisation ? chosen.path : `${chosen.path}?page=1&pageSize=1` };
}
