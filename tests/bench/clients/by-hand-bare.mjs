// Without a library, and nothing that is not needed on a good day.
import { API_URL, TOKEN_URL, clientId, clientSecret, fetch } from "../stub.mjs";

export default function make() {
  let accessToken;

  async function exchange() {
    const response = await fetch(TOKEN_URL, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    return (await response.json()).access_token;
  }

  const token = async () => (accessToken ??= await exchange());
  const send = async (path) =>
    fetch(API_URL + path, { headers: { authorization: `Bearer ${await token()}`, accept: "application/json" } });
  return { token, invoices: () => send("Invoices?page=1") };
}
