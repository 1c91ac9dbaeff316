/** The addresses of Xero. */

/** The identity service. */
export const IDENTITY_URL = "https://identity.xero.com";

/** The APIs. */
export const API_URL = "https://api.xero.com";
