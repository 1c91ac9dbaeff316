// openid-client, which keeps no token.
import * as openid from "openid-client";
import { ISSUER, TOKEN_URL, clientId, clientSecret, fetch } from "../stub.mjs";

export default function make() {
  const server = { issuer: ISSUER, token_endpoint: TOKEN_URL };
  const configuration = new openid.Configuration(server, clientId, undefined, openid.ClientSecretBasic(clientSecret));
  configuration[openid.customFetch] = fetch;
  return { token: () => openid.clientCredentialsGrant(configuration) };
}
