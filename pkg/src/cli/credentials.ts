/** The app and the keys of a login: from the environment or a prompt, because arguments are seen by all users of a machine. */

import { BadUse } from "./bad-use.js";
import type { Prompt } from "./prompt.js";

/** An app that a user logs in to. */
export interface Credentials {
  clientId: string;
  /** Absent for a PKCE app. */
  clientSecret?: string;
  /** Keys that seal the vault: the first seals, all open. */
  key?: string[];
  /** Services other than Xero's own. */
  identityUrl?: string;
  apiUrl?: string;
  authorizeUrl?: string;
}

/** The app and the keys that the environment names. */
export function credentialsOf(given?: string): Credentials {
  const { XERO_CLIENT_ID, XERO_CLIENT_SECRET, XERO_VAULT_KEY, XERO_IDENTITY_URL, XERO_API_URL, XERO_AUTHORIZE_URL } = process.env;
  const clientId = given ?? XERO_CLIENT_ID;
  if (!clientId) throw new BadUse("the client id of the app is missing: --client-id ID or XERO_CLIENT_ID");
  const key = XERO_VAULT_KEY?.split(/[\s,]+/).filter(Boolean);
  return {
    clientId,
    ...(XERO_CLIENT_SECRET && { clientSecret: XERO_CLIENT_SECRET }),
    ...(key?.length && { key }),
    ...(XERO_IDENTITY_URL && { identityUrl: XERO_IDENTITY_URL }),
    ...(XERO_API_URL && { apiUrl: XERO_API_URL }),
    ...(XERO_AUTHORIZE_URL && { authorizeUrl: XERO_AUTHORIZE_URL }),
  };
}

/** The same for a login, whose secret is asked for at a terminal if the environment has none. */
export async function credentials(given: string | undefined, prompt: Prompt): Promise<Credentials> {
  const app = credentialsOf(given);
  if (app.clientSecret || app.key) return app;
  const asked = prompt.isTerminal && (await prompt.ask("Client secret (empty for a PKCE app, which has none): ", true));
  if (asked) return { ...app, clientSecret: asked };
  throw new BadUse(
    "the vault cannot be sealed: set XERO_CLIENT_SECRET for a Web app, or XERO_VAULT_KEY for a PKCE app; npx xero-m2m key makes such a key",
  );
}
