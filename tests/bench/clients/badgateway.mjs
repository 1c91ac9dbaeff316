// @badgateway/oauth2-client with its wrapper of fetch, which keeps the token.
import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";
import { API_URL, TOKEN_URL, clientId, clientSecret, fetch } from "../stub.mjs";

export default function make() {
  const client = new OAuth2Client({ clientId, clientSecret, tokenEndpoint: TOKEN_URL, fetch });
  const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() });
  // As its own `fetch` does it, which knows the global one only.
  const send = (input, init) => wrapper.mw()(new Request(input, init), fetch);
  return {
    token: () => wrapper.getAccessToken(),
    invoices: () => send(`${API_URL}Invoices?page=1`, { headers: { accept: "application/json" } }),
  };
}
