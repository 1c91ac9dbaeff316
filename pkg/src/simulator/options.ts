/** The checks of the options of a local Xero. */

import { type Check, type Names, type Shape, TEXTS, checkKnown, isFunction, isText, kindOf } from "../shared/check.js";
import { failure } from "../shared/errors.js";
import type { ListenOptions, SimulatorConsent, SimulatorLimits, SimulatorOptions } from "./types.js";

const whole = (most: number): [Check, string] => [
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most,
  `a whole number from 0 to ${most}`,
];
const TEXT: [Check, string] = [isText, "a text"];
const LIST: [Check, string] = [(value) => Array.isArray(value) && value.every(isText), "a list of texts"];
const IS_BOOLEAN: [Check, string] = [(value) => typeof value === "boolean", "true or false"];
const isObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The longest time that a timer of the host can be set to. */
const MOST_LATENCY_MS = 2_147_483_647;
const COUNT = whole(2 ** 32 - 1);

/** The kinds of the values. The core refuses values of the right kind that cannot be used, such as an unknown scope. */
const OPTIONS: Shape<SimulatorOptions> = {
  seed: whole(Number.MAX_SAFE_INTEGER),
  clientId: TEXT,
  clientSecret: TEXT,
  scopes: TEXTS,
  createdOn: TEXT,
  organisation: TEXT,
  organisations: LIST,
  country: TEXT,
  invoices: whole(1_000_000),
  company: [isObject, "an object"],
  strict: IS_BOOLEAN,
  listsConnection: IS_BOOLEAN,
  tokenLifetimeMs: whole(Number.MAX_SAFE_INTEGER),
  invalidClientStatus: [(value) => value === 400 || value === 401, "400 or 401"],
  limits: [(value) => typeof value === "boolean" || isObject(value), "true, false or an object"],
  latencyMs: [
    (value) => typeof value === "number" && value >= 0 && value <= MOST_LATENCY_MS,
    `a number of milliseconds from 0 to ${MOST_LATENCY_MS}`,
  ],
  authorised: IS_BOOLEAN,
  appScopes: TEXTS,
  redirectUris: LIST,
  grace: TEXT,
  consent: [(value) => isText(value) || isObject(value), "a text or an object"],
  webhooks: [isObject, "an object"],
  faults: LIST,
  baseUrl: TEXT,
  now: [isFunction, "a function"],
  log: [isFunction, "a function"],
};
const LIMITS: Shape<SimulatorLimits> = { inFlight: COUNT, minute: COUNT, day: COUNT, appMinute: COUNT, headers: IS_BOOLEAN };
const WEBHOOKS: Shape<NonNullable<SimulatorOptions["webhooks"]>> = { url: TEXT, key: TEXT };
const CONSENT: Shape<SimulatorAnswer> = {
  user: [(value) => value === 1 || value === 2, "1 or 2"],
  organisations: LIST,
};
const LISTEN: Names<ListenOptions> = { port: 1, host: 1, https: 1, proxy: 1 };

/** Hosts on which a local Xero may listen, and from which its `/simulator` may be called. */
export const LOOPBACK = ["127.0.0.1", "::1", "localhost"];

/** The answer of a user who consents. */
type SimulatorAnswer = Exclude<SimulatorConsent, string>;

/** Refuses options of `createSimulator` that are unknown or of another kind. */
export function checkOptions(options: SimulatorOptions): void {
  checkKinds("createSimulator()", options, OPTIONS);
  if (typeof options.limits === "object") checkKinds("limits", options.limits, LIMITS, "limits.");
  if (options.webhooks) {
    checkKinds("webhooks", options.webhooks, WEBHOOKS, "webhooks.");
    if (options.webhooks.url === undefined) throw failure("invalid_option", "webhooks.url is missing: the address that gets the events");
  }
  if (typeof options.consent === "object") checkConsent(options.consent);
}

/** Refuses an answer of users that has an unknown member or one of another kind. */
export function checkConsent(answer: SimulatorConsent): void {
  const [check, words] = OPTIONS.consent;
  if (!check(answer)) throw failure("invalid_option", `consent has to be ${words}, not ${kindOf(answer)}`);
  if (typeof answer === "object") checkKinds("consent", answer, CONSENT, "consent.");
}

/** Refuses options of `listen` that are unknown, and a host that is not this machine. */
export function checkListen(options: ListenOptions): Required<ListenOptions> {
  checkKnown("listen()", options, LISTEN);
  const { port = 0, host = "127.0.0.1", https = false, proxy = false } = options;
  if (https && proxy) throw failure("invalid_option", "https and proxy are both true; the proxy has HTTPS for Xero's hosts by itself: leave out https");
  if (LOOPBACK.includes(host)) return { port, host, https, proxy };
  throw failure("invalid_option", `host is ${JSON.stringify(String(host).slice(0, 40))}; the local Xero listens on ${LOOPBACK.join(", ")} only`);
}

/** Refuses options that are unknown or of another kind. `within` is the path of the object that has them. */
function checkKinds<T extends object>(what: string, given: T, shape: Shape<T>, within = ""): void {
  checkKnown(what, given, shape);
  for (const [name, [check, words]] of Object.entries<[Check, string]>(shape)) {
    const value = given[name as keyof T];
    if (value !== undefined && !check(value)) {
      throw failure("invalid_option", `${within}${name} has to be ${words}, not ${kindOf(value)}`);
    }
  }
}
