/** The tokens that the processes of a fleet share. */

import type { FleetSettings, SharedTokens } from "../client/source.js";
import { defined } from "../shared/defined.js";
import type { XeroErrorCode } from "../shared/errors.js";
import { type FleetNotice, FleetDriver } from "./fleet-driver.js";
import { Sealer, documentKey, hashed } from "./seal.js";

/** @internal Makes the part of a client in a fleet. */
export async function joinFleet(settings: FleetSettings): Promise<SharedTokens> {
  const { store, clientId, identityUrl, scopes, organisation, secrets, key, waitUntil, tell } = settings;
  const kind = kindOf(scopes, organisation);
  const keys = key === undefined ? [] : typeof key === "string" ? [key] : [...key];
  const sealer = new Sealer({ clientId, secrets, keys });
  const driver = new FleetDriver({
    core: { name: [identityUrl, clientId, kind].join("|"), secrets: settings.areFixed ? await sealer.mark() : "" },
    store,
    key: await tokenKey(identityUrl, clientId, kind),
    sealer,
    waitUntil,
    tell: (notice) => tell?.(told(notice)),
  });
  return {
    async take(held, urgent) {
      const answer = await driver.want(held, urgent);
      if (answer.do !== "use") return answer.do;
      const { accessToken, obtainedAt, expiresAt, scopes } = answer;
      return { accessToken, obtainedAt, expiresAt, scopes };
    },
    granted: (token) => driver.asked({ on: "granted", ...token }),
    denied: (code: XeroErrorCode) => driver.asked({ on: "denied", code }),
    close: () => driver.close(),
  };
}

/** What a token is good for: those of different kinds are not shared. */
export const kindOf = (scopes: readonly string[] | undefined, organisation: string | undefined): string =>
  [scopes ? [...new Set(scopes)].sort().join(" ") : "configured", organisation ?? "any"].join("|");

/** The name of the record of a token: each kind has its own. */
export async function tokenKey(identityUrl: string, clientId: string, kind: string): Promise<string> {
  return documentKey(identityUrl, clientId, `token:1:${await hashed(kind)}`);
}

/** A notice of the core as an event. */
const told = ({ type, why, until, generation }: FleetNotice) =>
  ({ type, at: Date.now(), ...(type === "fleet.token" && { from: "others" }), ...defined({ why, until, generation }) }) as Parameters<
    NonNullable<FleetSettings["tell"]>
  >[0];
