// From nothing to the first token, in a process of its own: which client, and where Xero is, are arguments.
const [, , name, connection] = process.argv;
const { url, clientId, clientSecret } = JSON.parse(connection);
const endpoint = `${url}/connect/token`;

const CLIENTS = {
  async "xero-m2m"() {
    const { CustomConnection } = await import("xero-m2m");
    const xero = new CustomConnection({ clientId, clientSecret, identityUrl: url, apiUrl: url });
    return (await xero.token()).accessToken;
  },
  async "fetch, by hand"() {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    });
    return (await response.json()).access_token;
  },
  async oauth4webapi() {
    const oauth = await import("oauth4webapi");
    const server = { issuer: url, token_endpoint: endpoint };
    const client = { client_id: clientId };
    const secret = oauth.ClientSecretBasic(clientSecret);
    const options = { [oauth.allowInsecureRequests]: true };
    const answer = await oauth.clientCredentialsGrantRequest(server, client, secret, new URLSearchParams(), options);
    return (await oauth.processClientCredentialsResponse(server, client, answer)).access_token;
  },
};

const started = performance.now();
const token = await CLIENTS[name]();
const ms = performance.now() - started;
if (typeof token !== "string") throw new Error("no token");
console.log(ms);
