/**
 * Diagnoses a custom connection: the steps that work, the problems, and advice. Asks it questions about Xero as well.
 *
 * @module
 */

import {
  type AccessToken,
  CustomConnection,
  type CustomConnectionOptions,
  XeroError,
  type XeroEvent,
} from "xero-m2m";
import { catalogue } from "xero-m2m/policy";
import { diagnosis } from "./diagnosis.js";
import type { Evidence } from "./evidence.js";
import { API_URL, IDENTITY_URL } from "../shared/addresses.js";
import { type Shape, TEXTS, checkKnown, checkValues, isFunction } from "../shared/check.js";
import { failure } from "../shared/errors.js";
import { Guard } from "../shared/guard.js";
import { type DoctorQuestion, FLEET, type Health, VAULT, type WithVault } from "../shared/health.js";

export { type VerifyConnection, type VerifyQuestion, verify } from "./verify.js";

export type {
  DoctorQuestion,
  Health,
  HealthState,
  HealthStep,
  HealthStepName,
  HealthTarget,
} from "../shared/health.js";

const QUESTION: Shape<DoctorQuestion> = {
  scopes: TEXTS,
  calls: TEXTS,
  signal: [(value) => value instanceof AbortSignal, "an AbortSignal"],
  onProgress: [isFunction, "a function"],
};

/**
 * Diagnoses a custom connection: asks for a token of its own, makes one harmless call (the organisation, or a list that
 * the granted scopes open), and judges the answers. It changes nothing, takes no part in the queue of limits, and looks at a fleet
 * without joining it.
 *
 * Problems are reported in the result and not thrown. The result has no secret, token or body in it, and of the client id
 * the first four characters, so it is safe to paste in a ticket; it does name the organisation.
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
  const secrets = [options.clientSecret].flat();
  const evidence: Evidence = {
    clientId: options.clientId ?? "",
    identityUrl: options.identityUrl ?? IDENTITY_URL,
    apiUrl: options.apiUrl ?? API_URL,
    guard: new Guard([options.clientId, ...secrets]),
    secrets: secrets.length,
    createdOn: options.createdOn,
    organisation: options.organisation,
    wanted: question.scopes ?? (Array.isArray(options.scopes) ? options.scopes : undefined),
    calls: question.calls,
    heard: [],
  };
  await examine(evidence, options, question);
  if (evidence.tokenError?.code === "invalid_scope" && Array.isArray(options.scopes)) {
    // The rest can be examined with the configured scopes.
    evidence.unconfigured = evidence.tokenError;
    delete evidence.tokenError;
    await examine(evidence, { ...options, scopes: "configured" }, question);
  }
  const look = (options as WithVault)[VAULT];
  if (look) {
    const app = secrets.some(Boolean) ? "web" : "pkce";
    const state = await tried(look, question.signal);
    evidence.vault = "error" in state ? { app, error: state.error } : { app, state: state.value };
  }
  const { fleet, clientId, scopes, organisation, identityUrl } = options;
  if (fleet && clientId) {
    // By the store, as the client does, so that a bundle without a fleet has no code of it.
    const store = ("swap" in fleet ? fleet : fleet.store) as unknown as Record<typeof FLEET, () => Promise<typeof import("xero-m2m/user")>>;
    const { fleetState } = await store[FLEET]();
    const state = await tried(() => fleetState({ fleet, clientId, scopes, organisation, identityUrl, tries: true }), question.signal);
    evidence.fleet = "error" in state ? { error: state.error } : { state: state.value };
  }
  return diagnosis(evidence);
}

/** Asks for a token, and makes a call with it. */
async function examine(
  evidence: Evidence,
  options: CustomConnectionOptions,
  { signal, onProgress }: DoctorQuestion,
): Promise<void> {
  const { preflight, limits, retry, store, fleet, ...rest } = options;
  const progress = (line: string): void => {
    try {
      onProgress?.(line);
    } catch {
      // An error of the display does not fail the diagnosis.
    }
  };
  const deadlineMs = options.deadlineMs ?? options.timeoutMs ?? 30_000;
  const client = new CustomConnection({
    ...rest,
    deadlineMs,
    preflight: false,
    limits: false,
    retry: 0,
    fetch: listening(options.fetch ?? globalThis.fetch, evidence),
    onEvent: (event) => note(evidence, event),
  });
  const upTo = `(up to ${Math.ceil(deadlineMs / 1_000)} s)`;
  try {
    progress(`asking ${evidence.identityUrl} for a token ${upTo}`);
    const token = await tried(() => client.token({ ...(signal && { signal }) }), signal);
    if ("error" in token) {
      evidence.tokenError = token.error;
      return;
    }
    evidence.token = token.value;
    const { operation, path } = harmlessCall(token.value);
    progress(`calling GET ${path} of ${evidence.apiUrl} ${upTo}`);
    const answer = await tried(() => client.json("GET", path, undefined, { ...(signal && { signal }) }), signal);
    evidence.call = { operation, path, ...("error" in answer ? { error: answer.error } : { body: answer.value }) };
  } finally {
    client.close();
  }
}

/** The outcome, unless the caller ended it. */
async function tried<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<{ value: T } | { error: XeroError }> {
  try {
    return { value: await act() };
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof XeroError) return { error: thrown };
    return { error: failure("trapped", "the diagnosis failed with an unknown error; please report it") };
  }
}

/** Notes the secrets of each request, and the times and the sender of each answer. */
function listening(fetch: typeof globalThis.fetch, evidence: Evidence): typeof globalThis.fetch {
  return async (input, init) => {
    noteSecrets(evidence, new Headers(init?.headers).get("authorization") ?? "");
    const sentAt = Date.now();
    const response = await fetch(input, init);
    const cameAt = Date.now();
    const header = (name: string) => {
      try {
        return String(response.headers.get(name) ?? "");
      } catch {
        return "";
      }
    };
    const local = header("server").startsWith("xero-m2m-simulator/");
    evidence.heard.push({ sentAt, cameAt, date: Date.parse(header("date")), local });
    return response;
  };
}

/** Remembers texts that must not be shown, and whether id or secret were copied with quotation marks or spaces. */
function noteSecrets(evidence: Evidence, authorization: string): void {
  const [scheme = "", value = ""] = authorization.split(" ", 2);
  if (scheme === "Bearer") evidence.guard.add(value);
  if (scheme !== "Basic") return;
  const [id, secret] = atob(value)
    .split(":", 2)
    .map((part) => new URLSearchParams(`=${part}`).get("") ?? "");
  evidence.guard.add(secret ?? "");
  evidence.wrapped ||= [id, secret].some((part) => /^["'`\s]|["'`\s]$/.test(part ?? ""));
}

function note(evidence: Evidence, event: XeroEvent): void {
  if (event.type === "token.renewed") evidence.secret = event.secret;
  if (event.type === "limit.learnt") evidence.left = event;
}

/** The organisation; where no granted scope opens that, a list that one does, by pages of one record if it has pages. */
function harmlessCall({ scopes }: AccessToken): { operation: string; path: string } {
  const { operations } = catalogue;
  const opened = ({ openedBy }: (typeof operations)[number]) => openedBy.some((scope) => scopes?.includes(scope));
  const organisation = operations.find(({ key }) => key === "accounting.getOrganisations")!;
  if (scopes === undefined || opened(organisation)) return { operation: organisation.key, path: organisation.path };
  const lists = operations.filter(
    (operation) =>
      operation.method === "GET" &&
      !operation.path.includes("{") &&
      !operation.requiredQuery.length &&
      opened(operation),
  );
  const paged = lists.find(({ paging }) => paging === "page_size");
  if (paged) return { operation: paged.key, path: `${paged.path}?page=1&pageSize=1` };
  const { key, path } = lists[0] ?? organisation;
  return { operation: key, path };
}
