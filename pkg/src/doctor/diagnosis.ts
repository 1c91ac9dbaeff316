/** Turns the results of a token request and of a call into numbered steps, with advice for each problem. */

import { type XeroError, catalogueVersion, version } from "xero-m2m";
import { type Review, adviseScopes, review } from "xero-m2m/policy";
import { API_URL, IDENTITY_URL } from "../shared/addresses.js";
import type { Guard } from "../shared/guard.js";
import type { Health, HealthStep, HealthStepName, HealthTarget } from "../shared/health.js";
import type { Evidence, Seen } from "./evidence.js";
import { type Judged, NO_TOKEN, of, ok, oneLine, unknown } from "./judged.js";
import { OF_FLEET } from "./fleet.js";
import { OF_VAULT } from "./vault.js";

/** Errors without a proper answer. */
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

const PLAN =
  "Before an edit look at `npx xero-m2m plan`: it switches the connection off until its user authorises it again, and a " +
  "removed broad scope never comes back.";

type Judges = Partial<Record<HealthStepName, (seen: Seen) => Judged | undefined>>;

/** The judgement of each step, in their order. A step is `ok` only if the evidence shows it. */
const STEPS: Record<Exclude<HealthStepName, "vault" | keyof typeof OF_FLEET>, (seen: Seen) => Judged> = {
  reach({ token, tokenError, unconfigured, call, identityUrl, apiUrl, guard, heard }) {
    const silent = [tokenError, call?.error].find(isSilent);
    if (silent) return of(silent, "problem", onTheWay(silent, silent === tokenError ? identityUrl : apiUrl, heard.length > 0));
    if (!token && !unconfigured) {
      if (tokenError && OF_IDENTITY.includes(tokenError.code)) return ok("the identity service answers");
      const sent = tokenError?.code === "token_refused" || tokenError?.code === "rate_limited";
      return unknown(
        sent
          ? `something answers at ${identityUrl}; it may not be an identity service`
          : "not looked at: no request was sent",
      );
    }
    if (call && (call.error ? OF_API.includes(call.error.code) : isXeros(call, guard))) {
      return ok("the identity service and the API answer");
    }
    return unknown(`the identity service answers; the service at ${apiUrl} does not answer as Xero's API does`);
  },

  credentials({ token, tokenError, unconfigured, secrets, secret = 0, wrapped }) {
    if (token || unconfigured) {
      if (secrets === 1) return ok("client id and secret are accepted");
      const which = `secret ${secret + 1} of ${secrets} is accepted`;
      if (secret === 0) return ok(which);
      return {
        state: "warning",
        message: `${which}, those before it are not`,
        advice: "Remove the refused ones from the list: each costs a request at every start of a process.",
      };
    }
    switch (tokenError?.code) {
      case "invalid_client":
        return of(
          tokenError,
          "problem",
          wrapped
            ? "The client id or the secret that was sent begins or ends with a quotation mark or a space: remove it from " +
                "the environment or from the file."
            : "Compare the client id with the connection's page in the developer portal, and generate a new secret if in " +
                "doubt: one that was replaced there is refused at once.",
        );
      case "invalid_option":
        return of(
          tokenError,
          "problem",
          "No request was sent. Remove the line break from the environment or from the file of the secret; files " +
            "written on Windows end their lines with \\r\\n.",
        );
      case "secret_unavailable":
        return of(
          tokenError,
          "problem",
          "Check the environment variable, or the function that returns the secret and its source.",
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
      `Compare the option apiUrl (${apiUrl}) with Xero's, ${API_URL}, and find out which server answers there: a proxy, a ` +
      "gateway or another one.";
    if (!error) {
      if (isXeros(call, guard)) return ok(`the organisation is connected: ${operation} was answered`);
      return unknown(`the answer to ${operation} does not have the form of Xero's answers`, elsewhere);
    }
    switch (error.code) {
      case "not_authorised":
        return of(
          error,
          "problem",
          "Open the connection in the developer portal: if it is shown as not connected, its authorising user has to follow " +
            "the link in Xero's e-mail again. An edit of scopes, a disconnection and the yearly reset of a demo company all do this.",
        );
      case "scope_missing":
        return unknown(
          "no granted scope opens a call for a test",
          "Ask the connection's user whether it is shown as connected, or make a call of your own.",
        );
      case "rate_limited":
        return unknown("the call was refused because of a rate limit", "Try again once the limit has passed.");
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
          `${operation} was answered with ${error.status ? `status ${error.status}` : error.code}, which Xero does not return for it`,
        );
    }
  },

  scopes({ token, tokenError, unconfigured, wanted, calls, reviewed }) {
    if (unconfigured) {
      return {
        ...of(unconfigured, "problem", `Follow the advice for each scope, or request fewer. ${PLAN}`),
        ...(token?.scopes && { details: [`granted: ${list(token.scopes)}`] }),
      };
    }
    if (tokenError?.code === "invalid_scope") {
      return of(tokenError, "problem", `Check the scopes on the connection's page in the developer portal. ${PLAN}`);
    }
    if (!token) return unknown(NO_TOKEN);
    const { scopes, scopesWithheld } = token;
    if (!scopes) return unknown("neither Xero's answer nor the token has the granted scopes");
    const { checked, required, lacking } = reviewed!;
    const closed = checked?.calls.filter(({ allowed }) => !allowed) ?? [];
    const details = closed.map(
      ({ operation, missing }) => `not opened: ${operation}; ${missing.length ? `it needs ${missing.join(" or ")}` : "no scope opens it"}`,
    );
    if (required && (required.recorded?.only || !["allowed", "refused"].includes(checked?.verdict ?? "unknown"))) details.push(required.reading);
    details.push(`granted: ${list(scopes)}`);
    if (scopesWithheld) details.push(`left out, because they contain a token or a secret: ${scopesWithheld}`);
    if (checked?.unused.length) details.push(`not needed for these calls: ${list(checked.unused)}`);
    if (lacking.length) {
      const message = `wanted and not granted: ${list(lacking)}`;
      return { state: "problem", message, advice: `${adviseScopes(lacking)}. ${PLAN}`, details };
    }
    if (closed.length) {
      const message = "some calls are not opened, and not every connection can hold a scope that opens them";
      const advice = "`npx xero-m2m check` shows the rule that keeps them closed.";
      return { state: "problem", message, advice, details };
    }
    if (!scopes.length) {
      return {
        state: "problem",
        message: "the token has no scope: it opens nothing",
        advice: `Configure scopes in the developer portal. ${PLAN}`,
      };
    }
    if (calls !== undefined && ["unknown", "nothing"].includes(checked?.verdict ?? "nothing")) {
      return {
        ...unknown("what was read is granted, but not every call is known", "`npx xero-m2m check` shows the places that could not be read."),
        details,
      };
    }
    if (checked?.verdict === "allowedIfReading") {
      return {
        state: "warning",
        message: "everything wanted is granted if calls without a method only read",
        advice: "`npx xero-m2m check` shows these calls: write their method.",
        details,
      };
    }
    const compared = wanted !== undefined || calls !== undefined;
    const shown = required?.recorded?.only ? ", as far as a recording shows it" : "";
    return ok(
      compared ? `everything wanted is granted${shown}` : `${scopes.length} granted; give scopes or calls (--scopes, --call) to compare with`,
      details,
    );
  },

  rules({ token, createdOn, reviewed }) {
    if (!reviewed) return unknown(token ? "not known without the granted scopes, which neither Xero's answer nor the token has" : NO_TOKEN);
    const { findings, deadline } = reviewed.assessment;
    const pressing = findings.filter(({ severity }) => severity !== "info");
    const undated = createdOn === undefined ? "; give createdOn (--created-on) to apply the dated rules" : "";
    if (!pressing.length) return ok(`no time-limited rule affects this connection soon${undated}`);
    const ends =
      deadline && deadline.state !== "passed"
        ? `, broad scopes end in ${deadline.date} (in ${deadline.daysLeft} days at the earliest)`
        : "";
    return {
      state: pressing.some(({ severity }) => severity === "error") ? "problem" : "warning",
      message: `${pressing.length} to look at${ends}${undated}`,
      advice: "`npx xero-m2m plan` plans a change of scopes, and warns of changes that cannot be undone.",
      details: pressing.map(({ rule, message, confidence }) => `${rule}: ${message} (${confidence.replace("_", " ")})`),
    };
  },

  organisation({ call, guard, organisation: id }) {
    const known = organisation(call?.body, guard);
    if (known && id !== undefined && known.id !== bare(id)) {
      if (known.id === undefined) return unknown(`${known.name}; its id, which the option organisation names, is not in the answer`);
      const message = `${known.name} (${known.id}) is not the organisation that the option organisation names`;
      return { state: "problem", message, advice: "Write nothing with this connection. Correct the option, or have the connection authorised for its organisation." };
    }
    if (known) return ok([known.name, known.country, known.demo ? "a demo company" : ""].filter(Boolean).join(", "));
    if (call?.error) return unknown("its name is not known: see the earlier steps");
    if (call?.operation === ORGANISATION) return unknown("the answer has no organisation in it");
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
        `The limit is "${limit}"${until}. Other programs that use the connection count as well.`,
      );
    }
    if (!left) return unknown(call ? "Xero's answer has no headers about limits" : NO_TOKEN);
    const { minuteLeft, dayLeft, appMinuteLeft } = left;
    const words = [
      minuteLeft !== undefined && `${minuteLeft} of this minute`,
      dayLeft !== undefined && `${dayLeft} of this day`,
      appMinuteLeft !== undefined && `${appMinuteLeft} of the app's minute`,
    ].filter(Boolean);
    const message = `calls left: ${words.join(", ")}`;
    if (dayLeft === undefined || dayLeft >= SCARCE) return ok(message);
    return {
      // With none left every call fails.
      state: dayLeft === 0 ? "problem" : "warning",
      message,
      advice: "Calls fail with rate_limited once the daily limit is used up; Xero's answer then has the time of the next window.",
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
    if (!best) return unknown("no answer has the time of the other side");
    const { off, doubt } = best;
    if (Math.abs(off) <= doubt + FINE_MS)
      return ok(`this machine's clock and Xero's differ by at most ${seconds(doubt + FINE_MS)} s`);
    return {
      state: "warning",
      message: `this machine's clock is ${seconds(Math.abs(off))} s ${off > 0 ? "ahead of" : "behind"} Xero's`,
      advice:
        "Tokens still work, because their lifetime is measured from the request. Set the clock: logs, If-Modified-Since and dated rules use it.",
    };
  },
};

/** Advice about an error without a proper answer from `url`; `isHeard` if there was any answer before. */
function onTheWay({ code }: XeroError, url: string, isHeard: boolean): string {
  if (code === "offline" && isLoopback(url) && !isHeard) {
    return (
      `Nothing answers at ${url}, which is this machine. Start a local Xero with \`npx xero-m2m simulate\` and use the addresses ` +
      "that it prints, or leave out identityUrl and apiUrl (XERO_IDENTITY_URL and XERO_API_URL) to call Xero itself."
    );
  }
  if (code === "offline" || code === "timeout" || code === "intercepted") {
    return `Check DNS, proxy, firewall and TLS 1.2 on the way from this machine to ${url}.`;
  }
  return `If it continues, check status.xero.com; it may also be a proxy that answers in place of ${url}.`;
}

const isLoopback = (url: string) => /^https?:\/\/(localhost|127\.|\[::1\])/i.test(url);

/** Returns true if the answer to the harmless call is in Xero's form: it has the name of the organisation, or a list. */
function isXeros({ operation, path, body }: NonNullable<Evidence["call"]>, guard: Guard): boolean {
  if (operation === ORGANISATION) return organisation(body, guard) !== undefined;
  const lists = Object.entries(body ?? {}).filter(([, value]) => Array.isArray(value));
  // The accounting API names a list by a part of its path.
  const parts = operation.startsWith("accounting.") ? path.toLowerCase().split(/[/?]/) : undefined;
  return Array.isArray(body) || lists.some(([name]) => parts?.includes(name.toLowerCase()) ?? true);
}

/** The harmless call, if a granted scope opens it. */
const ORGANISATION = "accounting.getOrganisations";

/** A difference that does not matter. */
const FINE_MS = 5_000;

/** The number of remaining calls of a day below which there is a warning. */
const SCARCE = 100;

const seconds = (ms: number) => Math.ceil(ms / 1_000).toLocaleString("en");

const list = (names: readonly string[]) => names.join(", ");

/** The facts about the organisation in an answer. */
function organisation(body: unknown, guard: Guard) {
  const { Organisations } = (body ?? {}) as { Organisations?: unknown };
  const [first] = Array.isArray(Organisations) ? Organisations : [];
  const { Name, OrganisationID, CountryCode, IsDemoCompany } = (first ?? {}) as Record<string, unknown>;
  if (typeof Name !== "string") return undefined;
  const countryCode = typeof CountryCode === "string" ? CountryCode : undefined;
  // Before it is cut, because the rest of a secret would not be recognised.
  const name = oneLine(guard.shown(Name));
  const id = typeof OrganisationID === "string" && /^[0-9a-f-]{32,36}$/i.test(OrganisationID) ? bare(OrganisationID) : undefined;
  return { name, id, country: countryCode && oneLine(guard.shown(countryCode)), countryCode, demo: IsDemoCompany === true };
}

/** An id in the form in which two are compared. */
const bare = (id: string) => id.replaceAll("-", "").toLowerCase();

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
  vault: "Vault",
  engine: "Store of the fleet",
  members: "Processes of the fleet",
  sharedToken: "Token of the fleet",
};

/** Steps without which a connection is not known to work. */
const NEEDED: readonly HealthStepName[] = ["reach", "credentials", "app", "activation", "vault"];

/** Reviews the scopes that were granted with all that is known of the connection. */
function reviewOf({ token, wanted, calls, createdOn, call, guard, vault }: Evidence): Review | undefined {
  if (!token?.scopes) return undefined;
  const { countryCode, demo } = organisation(call?.body, guard) ?? {};
  return review({ scopes: token.scopes, exists: true, wanted, calls, createdOn, countryCode, demo, app: vault?.app });
}

/** @internal */
export function diagnosis(evidence: Evidence): Health {
  const reviewed = reviewOf(evidence);
  const seen: Seen = { ...evidence, ...(reviewed && { reviewed }) };
  const usual: Judges = STEPS;
  const more: Judges = { ...(seen.vault && OF_VAULT), ...(seen.fleet && OF_FLEET) };
  const steps = (Object.keys({ ...usual, ...more }) as HealthStepName[]).map((name, index) => {
    const { message, advice, details, ...rest } = more[name]?.(seen) ?? usual[name]?.(seen) ?? unknown(NO_TOKEN);
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
    `Xero ${seen.vault ? "connection of a user" : "custom connection"}: ${summary}`,
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
