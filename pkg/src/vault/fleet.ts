/** The tokens that the processes of a fleet share. */

import type { FleetSettings, SharedTokens } from "../client/source.js";
import { defined } from "../shared/defined.js";
import type { XeroErrorCode } from "../shared/errors.js";
import { type FleetNotice, FleetDriver } from "./fleet-driver.js";
import { MemberDriver, type MemberNotice } from "./member-driver.js";
import { Sealer, documentKey, hashed } from "./seal.js";

/** @internal Makes the part of a client in a fleet. */
export async function joinFleet(settings: FleetSettings): Promise<SharedTokens> {
  const { store, clientId, identityUrl, scopes, organisation, secrets, key, waitUntil, limits } = settings;
  const kind = kindOf(scopes, organisation);
  const keys = key === undefined ? [] : typeof key === "string" ? [key] : [...key];
  const sealer = new Sealer({ clientId, secrets, keys });
  const tell = once(settings.tell);
  const driver = new FleetDriver({
    core: { name: [identityUrl, clientId, kind].join("|"), secrets: settings.areFixed ? await sealer.mark() : "" },
    store,
    key: await tokenKey(identityUrl, clientId, kind),
    sealer,
    waitUntil,
    tell,
  });
  const member =
    limits && new MemberDriver({ core: limits.core, store, key: await limitsKey(identityUrl, clientId), waitUntil, tell, allow: limits.allow });
  member?.begin();
  return {
    async take(held, urgent) {
      const answer = await driver.want(held, urgent);
      if (answer.do !== "use") return answer.do;
      const { accessToken, obtainedAt, expiresAt, scopes } = answer;
      return { accessToken, obtainedAt, expiresAt, scopes };
    },
    granted: (token) => driver.asked({ on: "granted", ...token }),
    denied: (code: XeroErrorCode) => driver.asked({ on: "denied", code }),
    calls: (event) => member?.calls(event),
    look: () => member?.look(),
    close: async () => void (await Promise.all([driver.close(), member?.close()])),
  };
}

/** What a token is good for: those of different kinds are not shared. */
export const kindOf = (scopes: readonly string[] | undefined, organisation: string | undefined): string =>
  [scopes ? [...new Set(scopes)].sort().join(" ") : "configured", organisation ?? "any"].join("|");

/** The name of the record of a token: each kind has its own. */
export async function tokenKey(identityUrl: string, clientId: string, kind: string): Promise<string> {
  return documentKey(identityUrl, clientId, `token:1:${await hashed(kind)}`);
}

/** The name of the board of the limits: one for each app, whatever the scopes. */
export async function limitsKey(identityUrl: string, clientId: string): Promise<string> {
  return documentKey(identityUrl, clientId, "limits:1");
}

/** The name of the document by which a change of the store is tried. */
export async function trialKey(identityUrl: string, clientId: string): Promise<string> {
  return documentKey(identityUrl, clientId, "trial:1");
}

/** Reports notices of the core as events. The machines of token and limits both see the store come and go: one event is enough. */
function once(tell: FleetSettings["tell"]): (notice: FleetNotice | MemberNotice) => void {
  let known: string | undefined;
  return (notice) => {
    const at = Date.now();
    if (notice.do === "leased") return tell?.({ type: "limit.leased", at, calls: notice.calls, until: notice.until });
    const { type, why, until, generation, members } = notice;
    if (type !== "fleet.token") {
      const state = type === "fleet.away" ? "away" : "here";
      if (state === known) return;
      known = state;
    }
    tell?.({ type, at, ...(type === "fleet.token" && { from: "others" }), ...defined({ why, until, generation, members }) } as Parameters<typeof tell>[0]);
  };
}
