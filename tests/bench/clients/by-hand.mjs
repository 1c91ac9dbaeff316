// Without a library, as a careful engineer writes it: one token for all callers, a time limit, no redirects.
import { API_URL, TOKEN_URL, clientId, clientSecret, fetch } from "../stub.mjs";

/** Sends with a time limit, whose timer ends with the answer. */
async function limited(send) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 30_000);
  try {
    return await send(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The headers of a call, its own included. */
function usual(own, accessToken) {
  const headers = new Headers(own);
  headers.set("authorization", `Bearer ${accessToken}`);
  if (!headers.has("accept")) headers.set("accept", "application/json");
  return headers;
}

export default function make(headersOf = usual) {
  let held;
  let asking;

  async function exchange() {
    const response = await limited((signal) =>
      fetch(TOKEN_URL, {
        method: "POST",
        headers: {
          authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
          "content-type": "application/x-www-form-urlencoded",
        },
        body: "grant_type=client_credentials",
        redirect: "manual",
        signal,
      }),
    );
    if (!response.ok) throw new Error(`no token: ${response.status}`);
    const { access_token, expires_in } = await response.json();
    return { accessToken: access_token, expiresAt: Date.now() + expires_in * 1000 };
  }

  async function token() {
    if (held && Date.now() < held.expiresAt - 60_000) return held;
    asking ??= exchange().finally(() => (asking = undefined));
    return (held = await asking);
  }

  async function send(path, init = {}) {
    const url = new URL(path, API_URL);
    const { accessToken } = await token();
    const headers = headersOf(init.headers, accessToken);
    return limited((signal) => fetch(url.href, { ...init, headers, redirect: "manual", signal }));
  }

  return { token, invoices: () => send("Invoices?page=1") };
}
