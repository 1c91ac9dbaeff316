// oauth4webapi, which keeps no token.
import * as oauth from "oauth4webapi";
import { ISSUER, TOKEN_URL, clientId, clientSecret, fetch } from "../stub.mjs";

export default function make() {
  const server = { issuer: ISSUER, token_endpoint: TOKEN_URL };
  const client = { client_id: clientId };
  const secret = oauth.ClientSecretBasic(clientSecret);
  const options = { [oauth.customFetch]: fetch };
  return {
    async token() {
      const answer = await oauth.clientCredentialsGrantRequest(server, client, secret, new URLSearchParams(), options);
      return oauth.processClientCredentialsResponse(server, client, answer);
    },
  };
}
