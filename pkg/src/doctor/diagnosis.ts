/** From what came of a token request and a call to numbered findings: what works, what does not, what to do about it. */

import { type AccessToken, type XeroError, type XeroEvent, catalogueVersion, version } from "xero-m2m";
import { type Calls, type Review, type Scopes, adviseScopes, review } from "xero-m2m/policy";
import { API_URL, IDENTITY_URL } from "../shared/addresses.js";
import type { Guard } from "../shared/guard.js";
import type { Health, HealthState, HealthStep, HealthStepName, HealthTarget } from "../shared/health.js";

/** @internal What was seen. */
export interface Evidence {
  clientId: string;
  identityUrl: string;
  apiUrl: string;
  /** What must not be shown. */
  guard: Guard;
  /** Whether the id or secret that was sent begins or ends with a quotation mark or white space. */
  wrapped?: boolean;
  /** How many client secrets there are, and which one was accepted. */
  secrets: number;
  secret?: number | undefined;
  createdOn: string | undefined;
  wanted: Scopes | undefined;
  calls: Calls | undefined;
  token?: AccessToken;
  /** Why there is no token. */
  tokenError?: XeroError;
  /** That the list of scopes asked for has some that are not configured. */
  unconfigured?: XeroError;
  /** The call that was made with the token. */
  call?: { operation: string; body?: unknown; error?: XeroError };
  /** What is left of the limits. */
  left?: Extract<XeroEvent, { type: "limit.learnt" }>;
  /**
   * When each answer was asked for, came, and was sent by the clock of the other side (NaN: it does not say), and whether
   * it came from a local Xero.
   */
  heard: { sentAt: number; cameAt: number; date: number; local: boolean }[];
}

/** The evidence, and the review of the scopes that were granted; absent if they are not known. */
type Seen = Evidence & { reviewed?: Review };

type Judged = Omit<HealthStep, "number" | "name" | "title">;

const ok = (message: string, details?: string[]): Judged => ({
  state: "ok",
  message,
  ...(details?.length && { details }),
});
const unknown = (message: string, advice?: string): Judged => ({
  state: "unknown",
  message,
  ...(advice && { advice }),
});

/** What an error says, with the numbers to find it by. */
function of(error: XeroError, state: HealthState, advice: string, message = error.message): Judged {
  const { code, correlationId } = error;
  return { state, message, advice, code, ...(correlationId && { correlationId }) };
}

/** Errors that say that there was no proper answer. */
const NO_ANSWER: readonly string[] = [
  "offline",
  "timeout",
  "identity_unavailable",
  "server_error",
  "redirected",
  "intercepted",
  "malformed_token",
  "malformed_answer",
];

/** Errors that only an identity service gives. */
const OF_IDENTITY: readonly string[] = ["invalid_client", "unauthorized_client", "invalid_scope"];

/** Errors that only Xero's API gives to the harmless call. */
const OF_API: readonly string[] = ["scope_missing", "not_authorised", "token_expired", "rate_limited"];

const isSilent = (error: XeroError | undefined): error is XeroError =>
  error !== undefined && NO_ANSWER.includes(error.code);

const NO_TOKEN = "cannot be told without a token";

const PLAN =
  "Before an edit look at `npx xero-m2m plan`: it switches the connection off until its user authorises it again, and a " +
  "removed broad scope never comes back.";

/** What each step makes of the evidence, in their order. Nothing is well that was not seen to be. */
const STEPS: Record<HealthStepName, (seen: Seen) => Judged> = {
  reach({ token, tokenError, unconfigured, call, identityUrl, apiUrl, guard }) {
    const silent = [tokenError, call?.error].find(isSilent);
    if (silent) return of(silent, "problem", onTheWay(silent, silent === tokenError ? identityUrl : apiUrl));
    if (!token && !unconfigured) {
      if (tokenError && OF_IDENTITY.includes(tokenError.code)) return ok("the identity service answers");
      const sent = tokenError?.code === "token_refused" || tokenError?.code === "rate_limited";
      return unknown(
        sent
          ? `something answers at ${identityUrl}; whether it is an identity service was not seen`
          : "not looked at: no request was sent",
      );
    }
    if (call && (call.error ? OF_API.includes(call.error.code) : isXeros(call, guard))) {
      return ok("the identity service and the API answer");
    }
    return unknown(`the identity service answers; what answers at ${apiUrl} does not do so as Xero's API does`);
  },

  credentials({ token, tokenError, unconfigured, secrets, secret = 0, wrapped }) {
    if (token || unconfigured) {
      if (secrets === 1) return ok("client id and secret are accepted");
      const which = `secret ${secret + 1} of ${secrets} is accepted`;
      if (secret === 0) return ok(which);
      return {
        state: "warning",
        message: `${which}, those before it are not`,
        advice: "Take the refused ones out of the list: each costs a request whenever a process starts.",
      };
    }
    switch (tokenError?.code) {
      case "invalid_client":
        return of(
          tokenError,
          "problem",
          wrapped
            ? "The client id or the secret that was sent begins or ends with a quotation mark or a space: take that out of " +
                "the environment or of the file it comes from."
            : "Compare the client id with the connection's page in the developer portal, and generate a new secret if in " +
                "doubt: one that was replaced there is refused at once.",
        );
      case "invalid_option":
        return of(
          tokenError,
          "problem",
          "No request was sent. Take the line break out of the environment or of the file that the secret comes from; files " +
            "written on Windows end their lines with \\r\\n.",
        );
      case "secret_unavailable":
        return of(
          tokenError,
          "problem",
          "Check the environment variable, or the function that gives the secret and what it reads from.",
        );
      case "unauthorized_client":
        return ok("the client id is known");
      case "token_refused":
        return of(
          tokenError,
          "problem",
          "Compare client id, secret and identityUrl with the connection's page in the developer portal.",
        );
      default:
        return unknown("not known: the identity service gave no answer about them");
    }
  },

  app({ token, tokenError, unconfigured }) {
    if (token || unconfigured) return ok("a custom connection: it may use client credentials");
    if (tokenError?.code !== "unauthorized_client") return unknown(NO_TOKEN);
    return of(
      tokenError,
      "problem",
      "This is the id of a Web or PKCE app, or the connection was never finished. Client credentials need an app of the kind " +
        "Custom connection, with a paid subscription unless its organisation is the demo company.",
    );
  },

  activation({ call, apiUrl, guard }) {
    if (!call) return unknown(NO_TOKEN);
    const { error, operation } = call;
    const elsewhere =
      `Compare the option apiUrl (${apiUrl}) with Xero's, ${API_URL}, and find out what answers there: a proxy, a gateway ` +
      "or another server.";
    if (!error) {
      if (isXeros(call, guard)) return ok(`the organisation is connected: ${operation} was answered`);
      return unknown(`the answer to ${operation} is not in the shape that Xero gives it`, elsewhere);
    }
    switch (error.code) {
      case "not_authorised":
        return of(
          error,
          "problem",
          "Open the connection in the developer portal: if it says that it is not connected, its authorising user has to follow " +
            "the link in Xero's e-mail again. An edit of scopes, a disconnection and the yearly reset of a demo company all do this.",
        );
      case "scope_missing":
        return unknown(
          "no granted scope opens a call to test with",
          "Ask the connection's user whether it is shown as connected, or make a call of your own.",
        );
      case "rate_limited":
        return unknown("the call was refused for a limit before it was looked at", "Try again once the limit is over.");
      case "token_expired":
        return of(
          error,
          "problem",
          "Xero rejects a new token as expired. Report it to Xero, with the correlation id if there is one.",
        );
      default:
        if (NO_ANSWER.includes(error.code)) return unknown(`${operation} was not answered`, "See step 1.");
        return of(
          error,
          "problem",
          elsewhere,
          `${operation} was answered with ${error.status ? `status ${error.status}` : error.code}, which Xero does not give to it`,
        );
    }
  },

  scopes({ token, tokenError, unconfigured, wanted, calls, reviewed }) {
    if (unconfigured) {
      return {
        ...of(unconfigured, "problem", `Do what is said of each scope, or ask for fewer. ${PLAN}`),
        ...(token?.scopes && { details: [`granted: ${list(token.scopes)}`] }),
      };
    }
    if (tokenError?.code === "invalid_scope") {
      return of(tokenError, "problem", `Look at the scopes on the connection's page in the developer portal. ${PLAN}`);
    }
    if (!token) return unknown(NO_TOKEN);
    const { scopes, scopesWithheld } = token;
    if (!scopes) return unknown("neither Xero's answer nor the token says which scopes were granted");
    const { checked, required, lacking } = reviewed!;
    const closed = checked?.calls.filter(({ allowed }) => !allowed) ?? [];
    const details = closed.map(
      ({ operation, missing }) => `not opened: ${operation}, which ${missing.join(" or ") || "no scope"} would open`,
    );
    if (required && !["allowed", "refused"].includes(checked?.verdict ?? "unknown")) details.push(required.reading);
    details.push(`granted: ${list(scopes)}`);
    if (scopesWithheld) details.push(`left out, because they hold a token or a secret: ${scopesWithheld}`);
    if (checked?.unused.length) details.push(`not needed for these calls: ${list(checked.unused)}`);
    if (lacking.length) {
      const message = `wanted and not granted: ${list(lacking)}`;
      return { state: "problem", message, advice: `What to do: ${adviseScopes(lacking)}. ${PLAN}`, details };
    }
    if (closed.length) {
      const message = "calls are not opened, and not every connection can hold what would open them";
      const advice = "`npx xero-m2m check` says which rule of Xero's keeps them closed.";
      return { state: "problem", message, advice, details };
    }
    if (!scopes.length) {
      return {
        state: "problem",
        message: "the token has no scope: it opens nothing",
        advice: `Configure scopes in the developer portal. ${PLAN}`,
      };
    }
    const compared = wanted !== undefined || calls !== undefined;
    return ok(
      compared ? "everything wanted is granted" : `${scopes.length} granted; give scopes or calls to compare them`,
      details,
    );
  },

  rules({ createdOn, reviewed }) {
    if (!reviewed) return unknown(NO_TOKEN);
    const { findings, deadline } = reviewed.assessment;
    const pressing = findings.filter(({ severity }) => severity !== "info");
    const undated = createdOn === undefined ? "; give createdOn to apply the dated rules" : "";
    if (!pressing.length) return ok(`no time-limited rule affects this connection soon${undated}`);
    const ends =
      deadline && deadline.state !== "passed"
        ? `, broad scopes end in ${deadline.date} (in ${deadline.daysLeft} days at the earliest)`
        : "";
    return {
      state: pressing.some(({ severity }) => severity === "error") ? "problem" : "warning",
      message: `${pressing.length} to look at${ends}${undated}`,
      advice: "`npx xero-m2m plan` shows how to change scopes, and what cannot be undone.",
      details: pressing.map(({ rule, message, confidence }) => `${rule}: ${message} (${confidence.replace("_", " ")})`),
    };
  },

  organisation({ call, guard }) {
    const known = organisation(call?.body, guard);
    if (known) return ok([known.name, known.country, known.demo ? "a demo company" : ""].filter(Boolean).join(", "));
    if (call?.error) return unknown("its name was not answered: see the steps before");
    return unknown(call ? "no granted scope opens its name (accounting.settings.read would)" : NO_TOKEN);
  },

  limits({ tokenError, call, left }) {
    const limited = [tokenError, call?.error].find((error) => error?.code === "rate_limited");
    if (limited) {
      const { limit = "other", retryAt } = limited;
      const until = retryAt === undefined ? "" : ` until ${new Date(retryAt).toISOString()}`;
      return of(
        limited,
        "problem",
        `The limit is "${limit}"${until}. Other programs that use the connection spend from it as well.`,
      );
    }
    if (!left) return unknown(call ? "Xero's answer says nothing about limits" : NO_TOKEN);
    const { minuteLeft, dayLeft, appMinuteLeft } = left;
    const words = [
      minuteLeft !== undefined && `${minuteLeft} of this minute`,
      dayLeft !== undefined && `${dayLeft} of this day`,
      appMinuteLeft !== undefined && `${appMinuteLeft} of the app's minute`,
    ].filter(Boolean);
    const message = `calls left: ${words.join(", ")}`;
    if (dayLeft === undefined || dayLeft >= SCARCE) return ok(message);
    return {
      state: "warning",
      message,
      advice: "Calls fail with rate_limited once the day's are used up; Xero says when the next day begins.",
    };
  },

  clock({ heard }) {
    const best = heard
      .filter(({ date }) => !Number.isNaN(date))
      .map(({ sentAt, cameAt, date }) => ({
        off: (sentAt + cameAt) / 2 - (date + 500),
        doubt: (cameAt - sentAt) / 2 + 500,
      }))
      .sort((one, other) => one.doubt - other.doubt)[0];
    if (!best) return unknown("no answer says what time it is there");
    const { off, doubt } = best;
    if (Math.abs(off) <= doubt + FINE_MS)
      return ok(`this machine's clock and Xero's agree to ${seconds(doubt + FINE_MS)} s`);
    return {
      state: "warning",
      message: `this machine's clock is ${seconds(Math.abs(off))} s ${off > 0 ? "ahead of" : "behind"} Xero's`,
      advice:
        "Tokens are counted from when they were asked for, so they still work. Set the clock: logs, If-Modified-Since and dated rules go by it.",
    };
  },
};

/** Advice about an error that says that nothing proper came back from `url`. */
function onTheWay({ code }: XeroError, url: string): string {
  if (code === "offline" && isLoopback(url)) {
    return (
      `Nothing answers at ${url}, which is this machine. Start a local Xero with \`npx xero-m2m simulate\` and use the addresses ` +
      "that it prints, or leave out identityUrl and apiUrl (XERO_IDENTITY_URL and XERO_API_URL) to speak to Xero itself."
    );
  }
  if (code === "offline" || code === "timeout" || code === "intercepted") {
    return `Check DNS, proxy, firewall and TLS 1.2 on the way from this machine to ${url}.`;
  }
  return `If it lasts, check status.xero.com; a proxy that answers in place of ${url} looks like this as well.`;
}

const isLoopback = (url: string) => /^https?:\/\/(localhost|127\.|\[::1\])/i.test(url);

/** Whether the answer to the harmless call has what Xero puts into it: the name of the organisation, or a list. */
function isXeros({ operation, body }: NonNullable<Evidence["call"]>, guard: Guard): boolean {
  if (operation === "accounting.getOrganisations") return organisation(body, guard) !== undefined;
  return Array.isArray(body) || Object.values(body ?? {}).some(Array.isArray);
}

/** A difference that matters to nobody. */
const FINE_MS = 5_000;

/** How few calls of a day are few. */
const SCARCE = 100;

const seconds = (ms: number) => Math.ceil(ms / 1_000).toLocaleString("en");

const list = (names: readonly string[]) => names.join(", ");

const REGIONS = { AU: "AU", NZ: "NZ", GB: "UK", US: "US" } as const;

/** What an answer about the organisation says of it. */
function organisation(body: unknown, guard: Guard) {
  const { Organisations } = (body ?? {}) as { Organisations?: unknown };
  const [first] = Array.isArray(Organisations) ? Organisations : [];
  const { Name, CountryCode, IsDemoCompany } = (first ?? {}) as Record<string, unknown>;
  if (typeof Name !== "string") return undefined;
  const country = typeof CountryCode === "string" ? CountryCode : undefined;
  const region = country === undefined ? undefined : (REGIONS[country as "AU"] ?? "other");
  // Before it is cut: what is left of a secret would not be known as one.
  const name = oneLine(guard.shown(Name));
  return { name, country: country && oneLine(guard.shown(country)), region, demo: IsDemoCompany === true };
}

/** A text from outside, on one line and without anything that a terminal would obey. */
function oneLine(text: string): string {
  return text.slice(0, 200).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
}

const TITLES: Record<HealthStepName, string> = {
  reach: "Way to Xero",
  credentials: "Client id and secret",
  app: "Kind of app",
  activation: "Authorisation",
  scopes: "Scopes",
  rules: "Rules",
  organisation: "Organisation",
  limits: "Limits",
  clock: "Clock",
};

/** Steps without which a connection is not known to work. */
const NEEDED: readonly HealthStepName[] = ["reach", "credentials", "app", "activation"];

/** Reviews the scopes that were granted with all that is known of the connection. */
function reviewOf({ token, wanted, calls, createdOn, call, guard }: Evidence): Review | undefined {
  if (!token?.scopes) return undefined;
  const { region, demo } = organisation(call?.body, guard) ?? {};
  return review({ scopes: token.scopes, exists: true, wanted, calls, createdOn, region, demo });
}

/** @internal */
export function diagnosis(evidence: Evidence): Health {
  const reviewed = reviewOf(evidence);
  const seen: Seen = { ...evidence, ...(reviewed && { reviewed }) };
  const names = Object.keys(STEPS) as HealthStepName[];
  const steps = names.map((name, index) => {
    const { message, advice, details, ...rest } = STEPS[name](seen);
    const { guard } = seen;
    return {
      number: index + 1,
      name,
      title: TITLES[name],
      ...rest,
      message: guard.shown(message),
      ...(advice !== undefined && { advice: guard.shown(advice) }),
      ...(details && { details: details.map((line) => guard.shown(line)) }),
    };
  });
  const at = new Date().toISOString();
  const needed = seen.wanted === undefined && seen.calls === undefined ? NEEDED : [...NEEDED, "scopes"];
  const numbers = (choose: (step: HealthStep) => boolean) => steps.filter(choose).map(({ number }) => number);
  const bad = numbers(({ state }) => state === "problem");
  const unseen = numbers(({ state, name }) => state === "unknown" && needed.includes(name));
  const open = numbers(({ state, name }) => state === "unknown" && !needed.includes(name));
  const summary = bad.length
    ? `Problems: see ${inSteps(bad)}`
    : unseen.length
      ? `Not known to work: see ${inSteps(unseen)}`
      : `No problem found${open.length ? `; not known: ${inSteps(open)}` : ""}`;
  const target = targetOf(seen);
  const report = [
    `Xero custom connection: ${summary}`,
    target.description,
    ...steps.flatMap(inWords),
    `On ${at}, by xero-m2m ${version} and the catalogue of ${catalogueVersion}`,
  ].join("\n");
  return {
    ok: !bad.length && !unseen.length,
    summary,
    target,
    at,
    version,
    catalogue: catalogueVersion,
    steps,
    report,
  };
}

const inSteps = (numbers: number[]) => `step${numbers.length > 1 ? "s" : ""} ${numbers.join(", ")}`;

function targetOf({ clientId, identityUrl, apiUrl, heard }: Evidence): HealthTarget {
  const own = (url: string, xeros: string) => url.replace(/\/$/, "").toLowerCase() === xeros;
  const isXero = own(identityUrl, IDENTITY_URL) && own(apiUrl, API_URL);
  const kind = heard.length && heard.every(({ local }) => local) ? "local" : isXero ? "xero" : "other";
  const what = {
    xero: "Xero",
    local: "a local Xero (xero-m2m simulate), not Xero itself",
    other: isLoopback(identityUrl) && isLoopback(apiUrl) ? "this machine, not Xero itself" : "not Xero's own addresses",
  }[kind];
  const id = clientId.slice(0, 4);
  const addresses = identityUrl === apiUrl ? identityUrl : `${identityUrl} and ${apiUrl}`;
  return { clientId: id, identityUrl, apiUrl, kind, description: `Client id ${id}…, at ${addresses}: ${what}` };
}

function inWords({ number, title, state, message, advice, details = [], correlationId }: HealthStep): string[] {
  return [
    `${number}. ${state.padEnd(7)} ${title}: ${message}${correlationId ? ` (correlation id ${correlationId})` : ""}`,
    ...details.map((line) => `   - ${line}`),
    ...(advice ? [`   To do: ${advice}`] : []),
  ];
}
