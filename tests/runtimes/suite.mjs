/**
 * The checks that have to hold in every runtime, against a local Xero over HTTP.
 *
 * Only what every runtime has is used here, and nothing at module scope.
 */

import { CustomConnection, XeroError, version } from "xero-m2m";
import { AppConnection } from "xero-m2m/app";
import { diagnose } from "xero-m2m/doctor";
import { checkScopes, parseScopes, requiredScopes } from "xero-m2m/policy";
import { memory } from "xero-m2m/shared";
import { createSimulator } from "xero-m2m/simulator";
import { UserConnection } from "xero-m2m/user";

const MINUTE = 60_000;

function assert(holds, what) {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

function same(found, expected, what = "") {
  const [one, other] = [found, expected].map((value) => JSON.stringify(value));
  assert(one === other, `${what} ${one} is ${other}`);
}

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

/** The local Xero of a check, and its controls. */
class Local {
  constructor({ url, clientId, clientSecret, web }) {
    Object.assign(this, { url, clientId, clientSecret, web, clients: [] });
  }

  client(options = {}) {
    const { url, clientId, clientSecret } = this;
    const xero = new CustomConnection({ clientId, clientSecret, identityUrl: url, apiUrl: url, retry: 0, ...options });
    this.clients.push(xero);
    return xero;
  }

  async tell(path) {
    const response = await fetch(`${this.url}/simulator/${path}`, { method: "POST" });
    assert(response.status === 200, `${path}: ${response.status}`);
    return response.json();
  }

  async counts() {
    return (await fetch(`${this.url}/simulator`)).json();
  }

  /** Returns the numbers of token requests and calls that `work` made. */
  async cost(work) {
    const before = await this.counts();
    await work();
    const after = await this.counts();
    return [after.tokenRequests - before.tokenRequests, after.apiRequests - before.apiRequests];
  }
}

/** Moves the clock of this runtime for as long as `work` takes. */
async function later(ms, work) {
  const { now } = Date;
  Date.now = () => now() + ms;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}

async function until(holds, what) {
  for (let n = 0; n < 200; n++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it never came: ${what}`);
}

export const CHECKS = {
  async "the first token"(local) {
    const token = await local.client().token();
    assert(token.accessToken.length > 100 && token.scopes.includes("accounting.settings"), "a token with scopes");
    assert(token.expiresAt > Date.now() + 29 * MINUTE && token.expiresAt <= Date.now() + 30 * MINUTE, "half an hour");
    assert(!JSON.stringify(token).includes(token.accessToken), "it does not show");
  },

  async "100 callers, one token request"(local) {
    const xero = local.client();
    const cost = await local.cost(async () => {
      const found = await Promise.all(Array.from({ length: 100 }, () => xero.token()));
      assert(new Set(found.map(({ accessToken }) => accessToken)).size === 1, "one token");
    });
    same(cost, [1, 0]);
  },

  async "a renewal, while the old token is handed out"(local) {
    const kept = [];
    const xero = local.client({ waitUntil: (promise) => kept.push(promise) });
    const { accessToken } = await xero.token();
    await later(28.5 * MINUTE, async () => {
      same((await xero.token()).accessToken, accessToken, "the old token");
      await until(async () => (await xero.token()).accessToken !== accessToken, "a new token");
    });
    assert(kept.length === 2 && kept.every((promise) => typeof promise.then === "function"), "waitUntil was told");
  },

  async "a token that has ended is never sent"(local) {
    const xero = local.client();
    await xero.token();
    const cost = await local.cost(() => later(31 * MINUTE, () => xero.json("GET", "/Organisation")));
    same(cost, [1, 1]);
  },

  async "a token that Xero calls expired is renewed once"(local) {
    const xero = local.client();
    await xero.token();
    await local.tell(`advance?ms=${31 * MINUTE}`);
    same(await local.cost(() => xero.json("GET", "/Organisation")), [1, 2]);
  },

  async "a 401 for want of a scope is no reason to renew"(local) {
    const xero = local.client({ preflight: false });
    await xero.token();
    let error;
    same(await local.cost(async () => (error = await failure(xero.json("GET", "/Journals")))), [0, 1]);
    same([error.code, error.scopes], ["scope_missing", ["accounting.journals.read"]]);
  },

  async "a limit is waited for"(local) {
    await local.tell(`fault?rule=${encodeURIComponent("api 429 problem=minute retry-after=1 first=1")}`);
    const events = [];
    const xero = local.client({ onEvent: ({ type }) => events.push(type) });
    const { Organisations } = await xero.json("GET", "/Organisation");
    assert(Organisations.length === 1, "an organisation");
    assert(
      events.includes("limit.paused") && events.filter((type) => type === "call.sent").length === 2,
      events.join(),
    );
  },

  async "five at once, and no more"(local) {
    const xero = local.client();
    await xero.token();
    const found = await Promise.all(Array.from({ length: 30 }, () => xero.json("GET", "/Organisation")));
    assert(
      found.every(({ Organisations }) => Organisations.length === 1),
      "all were answered",
    );
  },

  async "an abort while a call is in flight, and while it is queued"(local) {
    await local.tell(`fault?rule=${encodeURIComponent("api silent")}`);
    const xero = local.client();
    const controllers = Array.from({ length: 7 }, () => new AbortController());
    const told = controllers.map(({ signal }) => failure(xero.fetch("/Organisation", { signal })));
    await until(async () => (await local.counts()).faults >= 1, "a call in flight");
    controllers.forEach((controller, n) => controller.abort(new Error(`abort ${n}`)));
    same(
      (await Promise.all(told)).map(({ message }) => message),
      controllers.map((_, n) => `abort ${n}`),
    );
    await local.tell("mend");
    await xero.json("GET", "/Organisation");
  },

  async "bodies that are streams, out and in"(local) {
    const Invoice = { Type: "ACCREC", Contact: { Name: "Stream" }, LineItems: [{ Description: "x", UnitAmount: 1 }] };
    const bytes = new TextEncoder().encode(JSON.stringify({ Invoices: [Invoice] }));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.subarray(0, 9));
        controller.enqueue(bytes.subarray(9));
        controller.close();
      },
    });
    const headers = { "content-type": "application/json" };
    const response = await local.client().fetch("/Invoices", { method: "POST", body, duplex: "half", headers });
    same(response.status, 200);
    let text = "";
    const decoder = new TextDecoder();
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    assert(JSON.parse(text).Invoices[0].InvoiceID.length === 36, "it was written");
  },

  async pages(local) {
    let count = 0;
    for await (const invoice of local.client().pages("/Invoices")) count += invoice.InvoiceID ? 1 : 0;
    assert(count >= 25, `${count} invoices`);
  },

  async "a call that no scope opens is refused before it is sent"(local) {
    const xero = local.client();
    await xero.token();
    let error;
    same(await local.cost(async () => (error = await failure(xero.fetch("/Journals")))), [0, 0]);
    same([error.code, error.rule, error.operation], ["scope_missing", "R7", "accounting.getJournals"]);
  },

  async "questions of policy"() {
    same(parseScopes("accounting.settings, files").scopes, ["accounting.settings", "files"]);
    same(requiredScopes("GET /Invoices").scopes, ["accounting.invoices.read"]);
    same(checkScopes({ scopes: "files", calls: "GET /Invoices", on: "2026-11-24" }).missing, [
      "accounting.invoices.read",
    ]);
    assert((await failure((async () => checkScopes({}))())) instanceof XeroError, "one class of errors");
  },

  async "errors are of one shape, and hold no secret"(local) {
    const wrong = "a-secret-that-is-wrong";
    const error = await failure(local.client({ clientSecret: wrong }).token());
    assert(error instanceof XeroError && error instanceof Error, "its class");
    same([error.name, error.code, error.blame, error.retryable], ["XeroError", "invalid_client", "connection", false]);
    assert(JSON.parse(JSON.stringify(error)).code === "invalid_client", "as JSON");
    assert(!`${error} ${error.stack} ${JSON.stringify(error)}`.includes(wrong), "no secret");
    const offline = await failure(local.client({ identityUrl: "http://127.0.0.1:9", timeoutMs: 500 }).token());
    assert(["offline", "timeout"].includes(offline.code), offline.code);
    const refused = await failure(local.client().json("POST", "/Invoices", { Invoices: [{}] }));
    same([refused.code, refused.status], ["refused", 400]);
    assert(refused.validation.length > 0 && !("validation" in { ...refused }), "Xero's words");
  },

  async "a client that is closed, also by `using`"(local) {
    const xero = local.client();
    await xero.token();
    if (Symbol.dispose) xero[Symbol.dispose]();
    else xero.close();
    same((await failure(xero.token())).code, "closed");
  },

  async "a store saves a token request"(local) {
    const kept = new Map();
    const store = {
      load: (key) => kept.get(key),
      save: (key, token) => void kept.set(key, token),
      erase: (key) => void kept.delete(key),
    };
    await local.client({ store }).token();
    same(await local.cost(() => local.client({ store }).token()), [0, 0]);
  },

  async "the diagnosis"(local) {
    const { clientId, clientSecret, url } = local;
    const { ok, steps, report } = await diagnose(
      { clientId, clientSecret, identityUrl: url, apiUrl: url },
      { calls: "GET /Invoices" },
    );
    assert(ok && steps.length === 9, report);
  },

  async "a login that comes as a seed, and a renewal of its token"(local) {
    const { url, web } = local;
    const { clientId, clientSecret, seed, tenant } = web;
    const vault = memory({ durable: true });
    const options = { clientId, clientSecret, seed, vault, tenant, identityUrl: url, apiUrl: url, retry: 0 };
    const xero = new UserConnection(options);
    const found = await Promise.all(Array.from({ length: 10 }, () => xero.json("GET", "/Organisation")));
    assert(found.every(({ Organisations }) => Organisations.length === 1), "an organisation");
    const { accessToken } = await xero.token();
    await later(31 * MINUTE, async () => {
      assert((await xero.token()).accessToken !== accessToken, "another token");
      // Another process finds the login where this one saved it.
      const other = new UserConnection({ ...options, seed: undefined });
      same((await other.token()).accessToken, (await xero.token()).accessToken, "one token for both");
      await other.close();
    });
    await xero.close();
  },

  async "the app itself"({ url, web }) {
    const { clientId, clientSecret, tenant } = web;
    const app = new AppConnection({ clientId, clientSecret, identityUrl: url, apiUrl: url, retry: 0 });
    same((await app.connections({ tenantId: tenant })).map(({ tenantId }) => tenantId), [tenant]);
    same((await failure(app.fetch("/Invoices"))).rule, "R35");
    app.close();
  },

  async "a local Xero of its own, without HTTP"() {
    const simulator = createSimulator({ invoices: 3 });
    const { clientId, clientSecret, fetch, organisation } = simulator;
    const xero = new CustomConnection({ clientId, clientSecret, fetch });
    const { Organisations } = await xero.json("GET", "/Organisation");
    same(Organisations[0].Name, organisation);
    xero.close();
    await simulator.close();
  },
};

/** Runs one check, or returns the list of checks. Never rejects. */
export async function run(name, connection) {
  const local = new Local(connection);
  const started = Date.now();
  try {
    await local.tell("mend");
    await CHECKS[name](local);
    return { name, ok: true, ms: Date.now() - started };
  } catch (error) {
    return { name, ok: false, why: `${error?.stack ?? error}` };
  } finally {
    for (const xero of local.clients) xero.close();
  }
}

export { version };
