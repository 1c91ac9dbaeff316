/** The steps of a connection whose tokens come from a vault: those that differ from a custom connection's, and the vault itself. */

import type { HealthStepName, VaultHealth } from "../shared/health.js";
import type { Seen } from "./evidence.js";
import { type Judged, NO_TOKEN, of, ok, oneLine, unknown } from "./judged.js";

const CHECK = "Check the store of the vault, and the option vault.";
const LOGIN = "Log in with `npx xero-m2m login`.";

/** @internal */
export const OF_VAULT = {
  credentials({ token, tokenError }) {
    if (token) return ok("the vault gave an access token");
    if (tokenError?.code !== "invalid_client") return unknown(NO_TOKEN);
    return of(tokenError, "problem", "Compare the client id and the secret with the app's page in the developer portal.");
  },

  app({ token, tokenError, vault }) {
    if (token) return ok(`${vault?.app === "pkce" ? "a PKCE app" : "a Web app"}, with the login of a user`);
    if (tokenError?.code !== "unauthorized_client") return unknown(NO_TOKEN);
    return of(tokenError, "problem", "Use the client id of a Web or PKCE app: a custom connection has no refresh tokens.");
  },

  /** Only the refusal of the organisation differs. */
  activation({ call }) {
    if (call?.error?.code !== "not_authorised") return undefined;
    const message = "Xero does not accept the login for this organisation (status 403)";
    return of(call.error, "problem", `Its subscription may have ended, or the app was disconnected from it. ${LOGIN} Choose the organisation there.`, message);
  },

  vault({ tokenError, vault, guard }) {
    if (!vault) return unknown(NO_TOKEN);
    // A vault that can be looked at may be the reason why there is no token.
    const failed = "error" in vault ? vault.error : tokenError?.code === "vault_unavailable" ? tokenError : undefined;
    if (failed) return of(failed, "problem", CHECK);
    const { state } = vault as Exclude<typeof vault, { error: unknown }>;
    const refused = REFUSED[state.is];
    if (refused) return { state: "problem", ...refused };
    if (state.failure !== undefined) return { state: "problem", message: `no new token can be saved: ${state.failure}`, advice: CHECK };
    const details = detailsOf(state, (text) => oneLine(guard.shown(text)));
    if (state.lost) return { state: "problem", message: `the login is lost: ${LOST[state.lost.why]}`, advice: LOGIN, details };
    const ends = `ends in ${days(state.daysLeft)} unless it is used`;
    if (!state.written) {
      return { state: "unknown", message: "it is not known whether this process can save a new token: another renews the tokens now", advice: "Ask again in half a minute.", details };
    }
    if (!state.endsSoon) return ok(`a login that was renewed ${days(state.savedDaysAgo)} ago and ${ends}`, details);
    return { state: "warning", message: `the login ${ends}`, advice: "Find out why no service uses it; call keepAlive() once a day.", details };
  },
} satisfies Partial<Record<HealthStepName, (seen: Seen) => Judged | undefined>>;

const REFUSED: Record<VaultHealth["is"], { message: string; advice: string } | undefined> = {
  empty: { message: "there is no login in the vault", advice: LOGIN },
  foreign: {
    message: "the store holds something else, a vault that was changed or cut, or one of another release",
    advice: "Put the vault back as it was, or give it another place. Only if neither can be done, log in again with --replace.",
  },
  closed: {
    message: "no key of this process opens the vault, or its text was changed",
    advice: "Set clientId, and clientSecret or key, to those with which it was sealed.",
  },
  damaged: {
    message: "the vault does not open with its own key: it was changed or cut since, or belongs to another clientId or identityUrl",
    advice: "Put it back as it was, or correct these options. Only if neither can be done, log in again with --replace.",
  },
  open: undefined,
};

const LOST = {
  refused: "Xero refuses it",
  unused: "it was not used for 60 days",
  copied: "a copy of the vault used it, or the user revoked it",
};

function detailsOf(state: VaultHealth, shown: (text: string) => string): string[] {
  const { organisations = [], organisationsLeftOut: left, claimedBy, unsureUntil, daysLeft, savedDaysAgo } = state;
  return [
    `renewed ${days(savedDaysAgo)} ago; Xero ends it in ${days(daysLeft)} if it is not used before`,
    ...organisations.map(({ id, name }) => `organisation: ${shown(name)} (${shown(id)})`),
    left ? `and ${left} more that did not fit in` : "",
    claimedBy ? `being renewed by process ${claimedBy.process}, until ${new Date(claimedBy.until).toISOString()}` : "no process renews it now",
    unsureUntil === undefined ? "" : `a renewal may be under way whose answer got lost; one more follows after ${new Date(unsureUntil).toISOString()}`,
    "if all processes stop in the moment between a renewal and its save, and none comes back for half an hour, a person has to log in again",
  ].filter((line) => line !== "");
}

const days = (count = 0) => `${count} ${count === 1 ? "day" : "days"}`;
