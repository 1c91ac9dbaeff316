/** The custom connection that a command asks. */

import { BadUse } from "./bad-use.js";

/** The connection is in the environment, where secrets are: arguments are seen by all users of a machine. */
export function connectionOf(command: string) {
  const { XERO_CLIENT_ID, XERO_CLIENT_SECRET, XERO_IDENTITY_URL, XERO_API_URL } = process.env;
  const missing = Object.entries({ XERO_CLIENT_ID, XERO_CLIENT_SECRET }).flatMap(([name, value]) =>
    value ? [] : [name],
  );
  if (missing.length) {
    throw new BadUse(
      `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not set; see xero-m2m ${command} --help`,
    );
  }
  return {
    clientId: XERO_CLIENT_ID!,
    clientSecret: XERO_CLIENT_SECRET!,
    ...(XERO_IDENTITY_URL && { identityUrl: XERO_IDENTITY_URL }),
    ...(XERO_API_URL && { apiUrl: XERO_API_URL }),
  };
}
