import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { XeroError } from "xero-m2m";
import { memory } from "xero-m2m/shared";
import { createSimulator } from "xero-m2m/simulator";
import { Vault } from "xero-m2m/user";

const REDIRECT = "http://localhost:8765/callback";
const SCOPES = "offline_access openid accounting.invoices.read";
const key = () => randomBytes(32).toString("base64url");

/** A store whose content can be seen and changed, and that can fail. */
function watched() {
  const store = memory({ durable: true });
  const watch = {
    durable: true,
    /** Every document that was put. */
    put: [],
    /** The names of the documents. */
    keys: new Set(),
    fails: () => false,
    async swap(turn) {
      watch.keys.add(turn.key);
      if (watch.fails(turn)) throw new Error("the store is away");
      const found = await store.swap(turn);
      if (found.swapped) watch.put.push(turn.document);
      return found;
    },
    /** The document that is there. */
    async document() {
      const [name] = watch.keys;
      return (await store.swap({ key: name, version: -1, at: Date.now(), slackMs: 1e6, ttlMs: 0 })).document;
    },
    /** Puts a text in its place. */
    async overwrite(document) {
      const [name] = watch.keys;
      const { version } = await store.swap({ key: name, version: -1, at: Date.now(), slackMs: 1e6, ttlMs: 0 });
      await store.swap({ key: name, version, at: Date.now(), slackMs: 1e6, ttlMs: 0, document });
    },
  };
  return watch;
}

/** A local Xero with a Web and a PKCE app, over HTTP. `vault` makes a vault of the Web app, and `grant` logs a user in. */
async function xero(t, simulated = {}) {
  const simulator = createSimulator({ invoices: 1, consent: "all", organisations: ["Kea Outdoor Hire", "Moa Books"], ...simulated });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const events = [];
  const vault = (store, options = {}) => {
    const { clientId, clientSecret } = simulator.web;
    const made = new Vault({ store, clientId, clientSecret, identityUrl: url, apiUrl: url, onEvent: (event) => events.push(event), ...options });
    t.after(() => made.close());
    return made;
  };
  const grant = async (of, clientId = simulator.web.clientId) => {
    const verifier = randomBytes(32).toString("base64url");
    const code_challenge = createHash("sha256").update(verifier).digest("base64url");
    const query = new URLSearchParams({
      response_type: "code", client_id: clientId, redirect_uri: REDIRECT, scope: SCOPES, state: "s", code_challenge, code_challenge_method: "S256",
    });
    const answer = await fetch(`${url}/identity/connect/authorize?${query}`, { redirect: "manual" });
    const code = new URL(answer.headers.get("location")).searchParams.get("code");
    return of.exchangeCode(code, REDIRECT, verifier);
  };
  const exchanges = async (act) => {
    const before = simulator.counts().tokenRequests;
    const value = await act();
    return [simulator.counts().tokenRequests - before, value];
  };
  return { simulator, url, vault, grant, exchanges, events };
}

const rejects = (promise, code) => assert.rejects(promise, (error) => error instanceof XeroError && error.code === code && (assert.ok(error.message), true));

test("a login is saved, and its token handed out without a request", async (t) => {
  const { vault, grant, exchanges, simulator } = await xero(t);
  const one = vault(watched());
  await rejects(one.take(), "login_required");
  assert.deepEqual(await one.look(), { is: "empty" });
  const granted = await grant(one);
  assert.deepEqual(granted.organisations.map(({ name }) => name).sort(), ["Kea Outdoor Hire", "Moa Books"]);
  const saved = await one.login(granted);
  const [asked, held] = await exchanges(() => one.take());
  assert.equal(asked, 0);
  assert.deepEqual([held.generation, held.accessToken], [saved.generation, saved.accessToken]);
  assert.ok(held.expiresAt - Date.now() > 29 * 60_000);
  assert.deepEqual(held.organisations.map(({ id }) => id).sort(), simulator.organisations.map(({ id }) => id).sort());
  const { is, generation, endsUnusedAt, organisations } = await one.look();
  assert.deepEqual([is, generation, organisations.length], ["open", 1, 2]);
  assert.ok(Math.abs(endsUnusedAt - Date.now() - 60 * 86_400_000) < 60_000);
});

test("100 callers of two vaults with one store: one exchange, one new token for all", async (t) => {
  const { vault, grant, exchanges, events } = await xero(t, { latencyMs: 30 });
  const store = watched();
  const [one, other] = [vault(store), vault(store)];
  await one.login(await grant(one));
  const [asked, tokens] = await exchanges(() =>
    Promise.all(Array.from({ length: 100 }, (_, n) => (n % 2 ? one : other).take({ notGeneration: 1 }))),
  );
  assert.equal(asked, 1);
  assert.deepEqual([...new Set(tokens.map(({ generation }) => generation))], [2]);
  assert.equal(new Set(tokens.map(({ accessToken }) => accessToken)).size, 1);
  assert.deepEqual(events.map(({ type }) => type), ["vault.saved", "vault.claimed", "vault.saved"]);
});

test("the new token is in the store before a caller has it", async (t) => {
  const { vault, grant } = await xero(t);
  const store = watched();
  const one = vault(store);
  await one.login(await grant(one));
  let mend;
  const mended = new Promise((resolve) => (mend = resolve));
  let isAway = false;
  store.fails = ({ document }) => isAway && document !== undefined && / 2 /.test(document.slice(0, 20));
  isAway = true;
  const taken = one.take({ notGeneration: 1 });
  setTimeout(() => ((isAway = false), mend()), 300);
  let isTaken = false;
  void taken.then(() => (isTaken = true));
  await mended;
  assert.equal(isTaken, false);
  const { generation } = await taken;
  assert.equal(generation, 2);
  assert.match(await store.document(), /^v1 \d+ 2 /);
});

for (const rule of ["rotate then silent", "rotate then 500", "rotate then reset"]) {
  test(`the answer to an exchange is lost (${rule}): the used token gives another one`, { timeout: 60_000 }, async (t) => {
    const { vault, grant, simulator } = await xero(t, { grace: "strict" });
    const one = vault(watched(), { timeoutMs: 5_000 });
    await one.login(await grant(one));
    const mend = simulator.fault(`${rule} first=1`);
    await one.take({ notGeneration: 1 }).catch(() => {});
    mend();
    const { generation } = await one.take({ notGeneration: 1 });
    assert.equal(generation, 2);
    const { unsureUntil } = await one.look();
    assert.ok(unsureUntil > Date.now(), "one more exchange follows");
  });
}

test("a store that is away: no exchange, and an error that says so", async (t) => {
  const { vault, grant, exchanges } = await xero(t);
  const store = watched();
  const one = vault(store, { timeoutMs: 1_500 });
  await one.login(await grant(one));
  store.fails = () => true;
  const [asked] = await exchanges(() => rejects(one.take({ notGeneration: 1 }), "vault_unavailable"));
  assert.equal(asked, 0);
  // The token at hand is served as long as it lasts.
  assert.equal((await one.take()).generation, 1);
});

test("another key, another app or another user leave the vault as it is", async (t) => {
  const { vault, grant, simulator } = await xero(t);
  const store = watched();
  const one = vault(store);
  await one.login(await grant(one));
  const before = await store.document();
  const other = vault(store, { key: key() });
  await rejects(other.take(), "vault_key_mismatch");
  assert.equal((await other.look()).is, "closed");
  await rejects(other.login(await grant(other)), "vault_key_mismatch");
  simulator.consent({ user: 2 });
  await rejects(one.login(await grant(one)), "invalid_option");
  assert.equal(await store.document(), before);
  await one.login(await grant(one), { replace: true });
  assert.equal((await one.take()).generation, 2);
});

for (const text of ["", "v2 1 2 3 a.b.c", "something else", "v1 1 2", "x".repeat(20_000), "v1 " + "9".repeat(400) + " a.b.c"]) {
  test(`a foreign document is never overwritten: ${JSON.stringify(text.slice(0, 20))}`, async (t) => {
    const { vault, grant } = await xero(t);
    const store = watched();
    const one = vault(store);
    const granted = await grant(one);
    await rejects(one.take(), "login_required");
    await store.overwrite(text);
    await rejects(one.take(), "vault_unavailable");
    assert.equal((await one.look()).is, "foreign");
    await rejects(one.login(granted), "vault_key_mismatch");
    assert.equal(await store.document(), text);
    await one.login(await grant(one), { replace: true });
    assert.equal((await one.look()).is, "open");
  });
}

test("a login that Xero refuses is lost for all processes, tried once, and mended by a login", async (t) => {
  const { vault, grant, exchanges, simulator, events, url } = await xero(t);
  const store = watched();
  const [one, other] = [vault(store), vault(store)];
  await one.login(await grant(one));
  await one.take({ notGeneration: 1 });
  simulator.advance(61 * 86_400_000);
  const [first] = await exchanges(() => assert.rejects(one.take({ notGeneration: 2 }), ({ code }) => ["login_required", "vault_copied"].includes(code)));
  assert.ok(first >= 1, `${first}`);
  const [asked] = await exchanges(() => Promise.all([one, other, one].map((vault) => assert.rejects(vault.take({ notGeneration: 2 })))));
  assert.equal(asked, 0);
  assert.ok(events.some(({ type }) => type === "vault.lost"));
  assert.ok((await one.look()).lost);
  await other.login(await grant(other));
  assert.equal((await one.take({ notGeneration: 2 })).generation, 3);
});

test("a vault that was changed or cut is damaged, and not another key's; a key that is changed may be either", async (t) => {
  const { vault, grant } = await xero(t);
  const store = watched();
  const one = vault(store);
  await one.login(await grant(one));
  const text = await store.document();
  const at = text.lastIndexOf(".") + 20;
  const other = (character) => (character === "A" ? "B" : "A");
  const damaged = [text.slice(0, -9), text.slice(0, at) + other(text[at]) + text.slice(at + 1)];
  for (const changed of damaged) {
    await store.overwrite(changed);
    const process = vault(store);
    const error = await process.take().catch((thrown) => thrown);
    assert.deepEqual([error.code, error.retryable], ["vault_unavailable", false]);
    assert.match(error.message, /changed or cut/);
    assert.ok(error.message.indexOf("put it back") < error.message.indexOf("--replace"));
    assert.equal((await process.look()).is, "damaged");
  }
  const key = text.lastIndexOf(" ") + 1;
  await store.overwrite(text.slice(0, key) + other(text[key]) + text.slice(key + 1));
  const process = vault(store);
  const error = await process.take().catch((thrown) => thrown);
  assert.equal(error.code, "vault_key_mismatch");
  assert.match(error.message, /changed or cut/);
  assert.equal((await process.look()).is, "closed");
});

test("a seed begins an empty vault, once", async (t) => {
  const { vault, grant, simulator } = await xero(t);
  const { clientId } = simulator.pkce;
  const app = { clientId, clientSecret: undefined, key: key() };
  const seed = await (async () => {
    const maker = vault(watched(), app);
    return maker.seed(await grant(maker, clientId));
  })();
  const store = watched();
  const one = vault(store, { ...app, seed });
  assert.equal((await one.take()).generation, 1);
  assert.equal((await one.take({ notGeneration: 1 })).generation, 2);
  const other = vault(store, { ...app, seed });
  assert.equal((await other.take()).generation, 2);
  await rejects(vault(watched(), { ...app, key: key(), seed }).take(), "vault_key_mismatch");
});

test("several keys: the first seals, all open", async (t) => {
  const { vault, grant } = await xero(t);
  const [old, next] = [key(), key()];
  const store = watched();
  const one = vault(store, { key: old });
  await one.login(await grant(one));
  const other = vault(store, { key: [next, old] });
  await other.take({ notGeneration: 1 });
  assert.equal((await vault(store, { key: next }).take()).generation, 2);
  await rejects(vault(store, { key: old }).take(), "vault_key_mismatch");
});

test("options that cannot work are refused at once", async (t) => {
  const { vault } = await xero(t);
  const make = (options, store = watched()) => assert.throws(() => vault(store, options), ({ code }) => code === "invalid_option");
  make({}, memory());
  make({}, {});
  make({ clientSecret: undefined });
  make({ key: "short" });
  make({ key: ["x".repeat(43), "!"] });
});

test("a caller that aborts gets its own reason, and a closed vault says so", async (t) => {
  const { vault, grant, simulator } = await xero(t);
  const one = vault(watched());
  await one.login(await grant(one));
  simulator.fault("rotate silent first=1");
  const reason = new Error("enough");
  const signal = AbortSignal.timeout(50);
  await assert.rejects(one.take({ notGeneration: 1, signal }), ({ name }) => name === "TimeoutError");
  await assert.rejects(one.take({ signal: AbortSignal.abort(reason) }), (thrown) => thrown === reason);
  const idle = vault(watched());
  await idle.close();
  await rejects(idle.take(), "closed");
});

test("no document, error, event or printed object holds a token, a secret, a key or a name", { timeout: 60_000 }, async (t) => {
  const { vault, grant, simulator, events } = await xero(t);
  const store = watched();
  const secrets = [simulator.web.clientSecret];
  const seen = [];
  const keys = key();
  secrets.push(keys);
  const fetched = async (url, init) => {
    const answer = await fetch(url, init);
    const body = await answer.text();
    for (const [, secret] of body.matchAll(/"(?:access_token|refresh_token)":\s*"([^"]+)"/g)) secrets.push(secret);
    return new Response(body, { status: answer.status, headers: answer.headers });
  };
  const one = vault(store, { key: keys, fetch: fetched, timeoutMs: 3_000 });
  const granted = await grant(one);
  seen.push(granted, JSON.stringify(granted));
  seen.push(await one.login(granted), await one.take({ notGeneration: 1 }), await one.look(), one);
  for (const rule of ["rotate 400", "rotate 500", "rotate reset", "rotate 429"]) {
    const mend = simulator.fault(`${rule} first=1`);
    const { generation } = await one.look();
    await one.take({ notGeneration: generation }).catch((error) => seen.push(error, error.stack, JSON.stringify(error)));
    mend();
  }
  await vault(store, { key: key() }).take().catch((error) => seen.push(error));
  assert.ok(secrets.length >= 6, `${secrets.length}`);
  const texts = [...store.put, ...store.keys, ...[...seen, ...events].map((value) => (typeof value === "string" ? value : inspect(value, { depth: 9, showHidden: false })))];
  assert.ok(store.put.length >= 4);
  for (const text of texts) {
    for (const secret of secrets) assert.ok(!text.includes(secret), text.slice(0, 300));
  }
  for (const text of store.put) assert.ok(!/Kea|Moa|Outdoor/.test(text) && text.length <= 16_384);
});
