/** Scope policy: smallest sets, checks, assessments and plans. */

import type {
  AppKind,
  Assessment,
  Catalogue,
  ChangePlan,
  CheckedScopes,
  Explanation,
  ParsedScopes,
  RecordedBasis,
  RequiredScopes,
  Review,
  VerificationStep,
} from "./answers.js";
import { core } from "./core.js";
import { CALLS, type Operations, isBasis, isCount, list } from "./calls.js";
import type { Country } from "../shared/codes.js";
import { XeroError, failure } from "../shared/errors.js";
import {
  adviseScopes as adviseCore,
  assess as assessCore,
  catalogue as catalogueCore,
  checkScopes as checkCore,
  explain as explainCore,
  operationOf as operationCore,
  parseScopes as parseCore,
  planChange as planCore,
  requiredScopes as requiredCore,
  review as reviewCore,
  verification as verificationCore,
  version as moduleVersion,
} from "../glue/policy.js";
import { type Check, type Shape, TEXTS, checkKnown, checkValues, isText } from "../shared/check.js";
import type { Calls, Scopes } from "../shared/texts.js";

/** The version of this package. */
export let version = "";

/** @internal Starts the module. It is the default export, which `export *` of the entries leaves out. */
export default function start(module: WebAssembly.Module | BufferSource): void {
  if (core.start(module)) version = moduleVersion();
}

/** Facts about a connection besides its scopes. A fact that is left out decides nothing. */
export interface ConnectionFacts {
  /**
   * The kind of app: `custom`, a custom connection; `web`, a Web app, which has a user's consent and a secret; `pkce`, one
   * without a secret; `app`, the token of an app itself, which reaches no organisation (R35). Default: `custom`.
   */
  app?: AppKind | undefined;
  /** The UTC day on which the connection, or the Web or PKCE app, was created, `YYYY-MM-DD`. Without it the dated rules give findings, never refusals. */
  createdOn?: string | undefined;
  /**
   * The country of its organisation: one of those in which custom connections are offered, the two-letter code of any other
   * (ISO 3166-1, such as `SG`), or `other`.
   */
  region?: Country | "other" | (string & {}) | undefined;
  /** The same as Xero's API answers it (`CountryCode` of `GET /Organisation`). A text that is no country decides nothing. */
  countryCode?: string | undefined;
  /** True if its organisation is Xero's demo company. */
  demo?: boolean | undefined;
  /** The number of organisations that it is to reach. */
  organisations?: number | undefined;
  /** The user who authorises it, a name or an e-mail address: for the ticket and the message. */
  authorisingUser?: string | undefined;
}

/** The day of an answer. */
export interface AnswerDay {
  /** `YYYY-MM-DD`. Default: today, in UTC. */
  on?: string | undefined;
}

/** The question of {@link checkScopes}. */
export interface CheckQuestion extends ConnectionFacts, AnswerDay {
  /** The scopes that the connection has, or is to have. */
  scopes: Scopes;
  /** The calls that are made. */
  calls: Calls | Operations;
}

/** The question of {@link assess}. */
export interface AssessQuestion extends ConnectionFacts, AnswerDay {
  /** The scopes that the connection has. */
  scopes: Scopes;
}

/** Facts for {@link requiredScopes} about the connection that is to make the calls. */
export interface RequiredFacts extends ConnectionFacts, AnswerDay {
  /** The scopes that it has. Those that it needs and could not get again are kept. Default: none that are known. */
  scopes?: Scopes | undefined;
}

/** Details of a plan besides its scopes. */
export interface PlanDetails {
  /** `"switch"` if the connection is to reach another organisation afterwards. Default: `"keep"`. */
  organisation?: "keep" | "switch" | undefined;
  /** The author of the e-mail: a name, or a name and a company. Default: a placeholder to fill in. */
  sender?: string | undefined;
  /** The day by which the authorising user is asked to approve, `YYYY-MM-DD`. Default: the day on which Xero's e-mail comes. */
  approveBy?: string | undefined;
  /** The name of the program that uses the connection, for the ticket and the e-mail. Default: "our program". */
  program?: string | undefined;
  /** The name of the organisation that the connection reaches afterwards, for the ticket and the e-mail. Default: no name. */
  organisationName?: string | undefined;
}

/** The question of {@link planChange}. */
export interface PlanQuestion extends ConnectionFacts, AnswerDay, PlanDetails {
  /** The scopes that the connection has; none for a connection that is to be created. */
  from: Scopes;
  /** The scopes that it is to have. */
  to: Scopes;
  /** The number of calls or places that were not understood, where `to` comes from calls: the plan warns of them. Default: 0. */
  unread?: number | undefined;
  /** The recordings that `to` comes from, `recorded` of {@link RequiredScopes}: the plan warns of what they have not seen. Default: none. */
  recorded?: RecordedBasis | undefined;
}

/** The question of {@link review}. */
export interface ReviewQuestion extends ConnectionFacts, AnswerDay, PlanDetails {
  /** The scopes that the connection has; none for a connection that is to be created. */
  scopes: Scopes;
  /** True if the connection exists although it has no scopes. There is no plan for such a connection. Default: `false`. */
  exists?: boolean | undefined;
  /** The calls that are made. Default: the question is about scopes alone. */
  calls?: Calls | Operations | undefined;
  /** The scopes that the connection is to have. Default: those that `Review.plan` describes. */
  wanted?: Scopes | undefined;
  /** The set that the plan leads to: 0 for the first of the smallest sets, then its `alternatives`. Default: 0. */
  choice?: number | undefined;
}

const FLAG: [Check, string] = [(value) => typeof value === "boolean", "true or false"];
const COUNT: [Check, string] = [isCount, "a whole number from 0 on"];
const DAY: [Check, string] = [isText, "a day written as YYYY-MM-DD"];

const FACTS: Shape<ConnectionFacts & AnswerDay> = {
  app: [isText, "custom, web, pkce or app"],
  createdOn: DAY,
  region: [isText, "AU, NZ, UK, US, the two-letter code of another country or other"],
  countryCode: [isText, "a text"],
  demo: FLAG,
  organisations: COUNT,
  authorisingUser: [isText, "a text"],
  on: DAY,
};

const DETAILS: Shape<PlanDetails> = {
  organisation: [isText, "keep or switch"],
  sender: [isText, "a text"],
  approveBy: DAY,
  program: [isText, "a text"],
  organisationName: [isText, "a text"],
};

const PLAN: Shape<PlanDetails & Pick<PlanQuestion, "unread" | "recorded">> = {
  ...DETAILS,
  unread: COUNT,
  recorded: [isBasis, "the member recorded of an answer"],
};

const REVIEW: Shape<PlanDetails & Pick<ReviewQuestion, "exists" | "calls" | "wanted" | "choice">> = {
  ...DETAILS,
  exists: FLAG,
  calls: CALLS,
  wanted: TEXTS,
  choice: COUNT,
};

/**
 * Reads the scopes from pasted text: names separated by spaces, commas or lines, a JSON array, a URL or
 * form body with `scope=`, configuration in many languages. Nothing is dropped in silence, and every text can be read.
 *
 * @example
 * ```ts
 * parseScopes("accounting.settings accounting.reports.balancesheets.read");
 * // { scopes: [...], unknown: [{ text: "accounting.reports.balancesheets.read", at: 20, reason: "misnomer",
 * //   suggestion: "accounting.reports.balancesheet.read" }], duplicates: [] }
 * ```
 */
export function parseScopes(text: string): ParsedScopes {
  if (!isText(text)) throw failure("invalid_option", "parseScopes() takes a text");
  return core.run(parseCore, text);
}

/**
 * Advice about scopes that are wanted and that a custom connection does not have: to have a scope added, to leave out one
 * that no custom connection can have, to ask for granular scopes in place of a broad one, or to correct a name.
 *
 * @returns A clause for each kind of scope, separated by `; `. Empty if there are no scopes.
 * @throws `XeroError` `invalid_option` if `scopes` is neither a text nor a list of texts.
 * @example
 * ```ts
 * adviseScopes("accounting.contact");
 * // "accounting.contact is not a known scope: is accounting.contacts meant?"
 * ```
 */
export function adviseScopes(scopes: Scopes): string {
  const [isTexts, what] = TEXTS;
  if (!isTexts(scopes)) throw failure("invalid_option", `adviseScopes() takes ${what}`);
  return core.run(adviseCore, text(scopes));
}

/**
 * The smallest set of scopes for some calls: granular, reading where there is only reading. It is exact; of several
 * smallest sets the first is the one that opens least besides, and the others are the `alternatives`.
 *
 * Without `facts` it is a set that every custom connection can hold. With them it is the one for this connection: an older
 * one can hold the scope for Journals, and scopes that it could not get again are kept; `kept` lists them with reasons.
 *
 * Calls that the catalogue does not have, and places that use Xero and could not be read, are listed in `unresolved`: the
 * scopes may not be enough for them. `reading` is a summary in one sentence.
 *
 * @example
 * ```ts
 * requiredScopes("GET /Invoices\nxero.accountingApi.createPayment(tenantId, payment)").scopes;
 * // ["accounting.invoices.read", "accounting.payments"]
 * requiredScopes("GET /Journals", { createdOn: "2025-02-01" }).scopes; // ["accounting.journals.read"]
 * requiredScopes({ operations: ["accounting.getInvoices"] }).scopes; // ["accounting.invoices.read"]
 * ```
 *
 * Throws {@link XeroError} with `invalid_option` if a day or a region cannot be read, as do the functions below, or if the
 * catalogue does not have one of `operations`: the message names it.
 */
export function requiredScopes(calls: Calls | Operations, facts: RequiredFacts = {}): RequiredScopes {
  if (!CALLS[0](calls)) throw failure("invalid_option", `requiredScopes() takes ${CALLS[1]}`);
  const { connection, on } = asked("requiredScopes()", facts, {}, { scopes: TEXTS });
  const { texts, called } = list(calls);
  return core.run(requiredCore, texts, called, text(facts.scopes ?? ""), connection, on);
}

/**
 * The operations that a request may be, by their keys: usually one; several where APIs share a path, as payroll of New
 * Zealand and of the United Kingdom do; none if the catalogue has no such operation or the URL is not Xero's. A URL of another
 * host counts as Xero's if its path has the base of an API, such as `/api.xro/2.0`, because it may lead to a proxy.
 *
 * The method is written in any case, and `HEAD` is `GET`. A path without the base of an API is one of accounting.
 *
 * @example
 * ```ts
 * operationOf("PUT", "https://api.xero.com/api.xro/2.0/Invoices"); // ["accounting.createInvoices"]
 * requiredScopes({ operations: operationOf("GET", "/Contacts") }).scopes; // ["accounting.contacts.read"]
 * ```
 */
export function operationOf(method: string, url: string): string[] {
  if (!isText(method) || !isText(url)) throw failure("invalid_option", "operationOf() takes a method and a URL, two texts");
  return core.run(operationCore, method, url);
}

/**
 * Checks which calls some scopes allow, and which of the scopes are not needed. A call that is not known to be allowed is
 * refused.
 *
 * `verdict` is `allowed` only if every call was read with its method: without one, `GET` is assumed, and the verdict is
 * `allowedIfReading` unless the scopes open writes as well. No scope is `unused` or `broad` because of such a call, or while
 * a place was not read.
 *
 * @example
 * ```ts
 * const { allowed, missing } = checkScopes({ scopes: "accounting.contacts.read", calls: ["GET /Contacts", "GET /Invoices"] });
 * // allowed: false, missing: ["accounting.invoices.read"]
 * ```
 */
export function checkScopes(question: CheckQuestion): CheckedScopes {
  const { connection, on } = asked("checkScopes()", question, { scopes: TEXTS, calls: CALLS });
  const { texts, called } = list(question.calls);
  return core.run(checkCore, text(question.scopes), texts, called, connection, on);
}

/**
 * Applies every rule to a connection on a day: scopes that it may hold, end dates, and uses that it is not made for.
 *
 * @example
 * ```ts
 * const { deadline } = assess({ scopes: "accounting.transactions", createdOn: "2025-02-01", on: "2026-11-24" });
 * // deadline: { rule: "R13", date: "2027-09", daysLeft: 281, ... }
 * assess({ app: "pkce", scopes: "accounting.transactions", createdOn: "2026-03-02" }); // R38: it cannot hold that scope
 * ```
 */
export function assess(question: AssessQuestion): Assessment {
  const { connection, on } = asked("assess()", question, { scopes: TEXTS });
  return core.run(assessCore, text(question.scopes), connection, on);
}

/**
 * Plans the change of a connection to other scopes or to another organisation, or a new connection (`from` is empty): first
 * the changes that cannot be undone, then the steps, which depend on the kind of `app`. With a change ticket in Markdown and a message to the authorising user.
 *
 * If a change cannot be undone, there are two plans: the full one, which is the answer itself, and `cautious`, which removes
 * nothing yet. Each has its own ticket and message; `recommended` names the one to follow on that day.
 *
 * @example
 * ```ts
 * const plan = planChange({ createdOn: "2025-02-01", from: "accounting.transactions", to: "accounting.invoices" });
 * plan.oneWayDoors[0]?.scope; // "accounting.transactions": once removed, it cannot be added again
 * const { markdown, email } = plan.recommended === "cautious" ? plan.cautious! : plan;
 * ```
 */
export function planChange(question: PlanQuestion): ChangePlan {
  const { connection, on } = asked("planChange()", question, { from: TEXTS, to: TEXTS }, PLAN);
  const { from, to, unread = 0, recorded } = question;
  const plan = { unread, recorded, details: details(question) };
  return core.run(planCore, text(from), text(to), plan, connection, on);
}

/**
 * Everything about one connection in one answer: the scopes that its calls need ({@link requiredScopes}), the calls that its
 * scopes allow ({@link checkScopes}), the rules that hold for it ({@link assess}), and the plan to change it
 * ({@link planChange}). The findings of all parts are merged in `findings`.
 *
 * @example
 * ```ts
 * const { lacking, findings, plan } = review({ scopes: "accounting.transactions", calls: "GET /Invoices", createdOn: "2025-02-01" });
 * plan?.scopes; // ["accounting.invoices.read"]
 * ```
 */
export function review(question: ReviewQuestion): Review {
  const { connection, on } = asked("review()", question, { scopes: TEXTS }, REVIEW);
  const { scopes, exists = false, calls, wanted, choice = 0 } = question;
  const { texts, called } = calls === undefined ? { texts: [], called: undefined } : list(calls);
  const more = { exists, wanted: wanted === undefined ? undefined : text(wanted), choice, details: details(question) };
  return core.run(reviewCore, text(scopes), texts, called, more, connection, on);
}

/**
 * The rows of the catalogue about a rule (`R28`), an error code (`invalid_scope`), a scope (`accounting.invoices`) or an operation
 * (`POST /Invoices`, `/Invoices`, `accounting.getInvoices`). For any other text, `nearest` has the nearest known names.
 *
 * @example
 * ```ts
 * explain("invalid_scope").errors[0]?.advice;
 * explain("acounting.invoices").nearest; // ["accounting.invoices"]
 * ```
 */
export function explain(word: string): Explanation {
  if (!isText(word)) throw failure("invalid_option", "explain() takes a text");
  return core.run(explainCore, word);
}

/** The options of {@link verification}. */
export interface VerificationOptions {
  /** True if a draft may be created and deleted. */
  write: boolean;
  /** True once the person at the terminal has agreed. */
  agreed: boolean;
  /** The day of the report, `YYYY-MM-DD`. */
  on: string;
  /** True if the requests go to Xero's own addresses. */
  isXero: boolean;
}

/** The answer to a request of {@link verification}, without a token in it. */
export interface VerificationAnswer {
  /** The name of the request. */
  id: string;
  /** The status; absent if there was no answer. */
  status?: number;
  /** The reason, if there was no answer. */
  failed?: "timeout" | "offline";
  /** The headers: names in lower case, and values. */
  headers?: [string, string][];
  /** The beginning of the body; absent if it may hold a token. */
  text?: string;
  /** The body, if it is JSON. */
  body?: unknown;
  /** True if the body has an access token. */
  hasToken?: boolean;
  /** The claims of that token, if it is a JWT. */
  claims?: unknown;
}

/**
 * The next step of a verification after the answers so far: requests to be sent, a question to the person at the terminal, or the
 * report. It has no state and sends nothing; `verify()` of `xero-m2m/doctor` performs its steps.
 */
export function verification(options: VerificationOptions, heard: readonly VerificationAnswer[]): VerificationStep {
  return core.run(verificationCore, options, heard);
}

/** The details of a plan in a question. */
function details({ organisation, sender, approveBy, program, organisationName }: PlanDetails): PlanDetails {
  return { organisation, sender, approveBy, program, organisationName };
}

let read: Catalogue | undefined;
const all = (): Catalogue => (read ??= core.run(catalogueCore));

/** Every scope, operation and rule of Xero with its sources, as data. It is read when first used. */
export const catalogue: Readonly<Catalogue> = {
  get version() {
    return all().version;
  },
  get scopes() {
    return all().scopes;
  },
  get operations() {
    return all().operations;
  },
  get withdrawn() {
    return all().withdrawn;
  },
  get rules() {
    return all().rules;
  },
  get sources() {
    return all().sources;
  },
  get topics() {
    return all().topics;
  },
};

/** Checks a question, and returns the facts about the connection, and the day. */
function asked<T extends ConnectionFacts & AnswerDay>(
  what: string,
  question: T,
  required: Partial<Shape<T>>,
  optional: Partial<Shape<T>> = {},
): { connection: ConnectionFacts; on: string } {
  const shape = { ...required, ...optional, ...FACTS } as Shape<T>;
  checkKnown(what, question, shape);
  for (const name of Object.keys(required)) {
    if (question[name as keyof T] === undefined) throw failure("invalid_option", `${what} needs ${name}`);
  }
  checkValues(question, shape);
  const { app, createdOn, region, countryCode, demo, organisations, authorisingUser } = question;
  const connection = { app, createdOn, region, countryCode, demo, organisations, authorisingUser };
  return { connection, on: question.on ?? new Date().toISOString().slice(0, 10) };
}

function text(scopes: Scopes): string {
  return typeof scopes === "string" ? scopes : scopes.join("\n");
}

export { XeroError };
export type { Operations, RecordedOperations } from "./calls.js";
export { UsageRecorder, compareUsage, mergeUsage, usageSummary } from "./usage.js";
export type { XeroErrorBlame, XeroErrorCode } from "../shared/errors.js";
export type * from "./answers.js";
export type { KnownScope } from "../shared/codes.js";
export type { Calls, NamedText, Scopes } from "../shared/texts.js";
