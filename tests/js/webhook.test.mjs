/** Signatures of webhooks, and the webhooks of the local Xero as a receiver gets them. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { verifyWebhook } from "xero-m2m/webhook";
import { MINUTE, START } from "./support.mjs";

const KEY = "k3y/of+a=webhook";
const BODY = '{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"Zoë"}';
const signed = (body, key = KEY) => createHmac("sha256", key).update(body).digest("base64");

test("a body is verified by its signature, as text and as bytes", async () => {
  const bytes = new TextEncoder().encode(BODY);
  for (const body of [BODY, bytes, bytes.buffer, Buffer.from(BODY), new DataView(bytes.buffer)]) {
    assert.equal(await verifyWebhook(body, signed(BODY), KEY), true);
    assert.equal(await verifyWebhook(body, signed(`${BODY} `), KEY), false);
    assert.equal(await verifyWebhook(body, signed(BODY, `${KEY}!`), KEY), false);
  }
  const { verifyWebhook: required } = createRequire(import.meta.url)("xero-m2m/webhook");
  assert.equal(await required(BODY, signed(BODY), KEY), true);
});

test("a signature that is missing, of another form or of another length is false", async () => {
  const good = signed(BODY);
  const flipped = (good[0] === "A" ? "B" : "A") + good.slice(1);
  for (const wrong of [null, undefined, "", "x", flipped, good.slice(0, -1), `${good}=`, ` ${good}`, `${good}, ${good}`, good.replace("=", "\n"), 7, [good]]) {
    assert.equal(await verifyWebhook(BODY, wrong, KEY), false, String(wrong));
  }
});

test("what cannot be verified at all is an error that names the argument", async () => {
  for (const key of ["", undefined, null, 7]) await assert.rejects(verifyWebhook(BODY, signed(BODY), key), /^TypeError: verifyWebhook: key/);
  for (const body of [JSON.parse(BODY), undefined, null, 7]) {
    await assert.rejects(verifyWebhook(body, signed(BODY), KEY), /^TypeError: verifyWebhook: body/);
  }
});

/** A receiver, what it got, and the function that gives the status of its answers. */
async function receiver(t) {
  const own = { got: [], status: async (body, signature) => ((await verifyWebhook(body, signature, KEY)) ? 200 : 401) };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const signature = request.headers["x-xero-signature"];
    own.got.push({ body: JSON.parse(body), valid: await verifyWebhook(body, signature, KEY), type: request.headers["content-type"] });
    response.writeHead(await own.status(body, signature)).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  own.url = `http://127.0.0.1:${server.address().port}/hook`;
  return own;
}

function open(t, url) {
  const simulator = createSimulator({ now: () => START, invoices: 3, webhooks: { url, key: KEY } });
  t.after(() => simulator.close());
  return simulator;
}

/** Makes a contact over the API. */
async function contact(simulator, name) {
  const { clientId, clientSecret, fetch } = simulator;
  const authorization = { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` };
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  const granted = await fetch("https://identity.xero.com/connect/token", { method: "POST", headers: authorization, body: form });
  const { access_token } = await granted.json();
  const headers = { Authorization: `Bearer ${access_token}`, Accept: "application/json", "Content-Type": "application/json" };
  const body = JSON.stringify({ Contacts: [{ Name: name }] });
  const made = await fetch("https://api.xero.com/api.xro/2.0/Contacts", { method: "PUT", headers, body });
  assert.equal(made.status, 200);
  return (await made.json()).Contacts[0];
}

test("the local Xero asks for the intent to receive, then sends signed events", async (t) => {
  const own = await receiver(t);
  const simulator = open(t, own.url);
  assert.deepEqual([simulator.webhooks.key, simulator.webhooks.state, simulator.env.XERO_WEBHOOK_KEY], [KEY, "intent-to-receive", KEY]);
  assert.equal(await simulator.webhooks.validate(), "active");
  assert.deepEqual(new Set(own.got.map(({ valid }) => valid)), new Set([true, false]));
  own.got.length = 0;
  const { ContactID } = await contact(simulator, "New");
  await simulator.webhooks.settled();
  const [{ body, valid, type }, ...more] = own.got;
  assert.deepEqual([valid, type, more.length], [true, "application/json; charset=utf-8", 0]);
  const [event] = body.events;
  assert.deepEqual([event.eventCategory, event.eventType, event.resourceId], ["CONTACT", "CREATE", ContactID]);
  assert.equal(event.tenantId, simulator.organisations[0].id);
});

test("what fails is sent again at once and after a quarter of an hour", async (t) => {
  const own = await receiver(t);
  const simulator = open(t, own.url);
  await simulator.webhooks.validate();
  own.got.length = 0;
  const { status } = own;
  own.status = () => 503;
  await contact(simulator, "New");
  await simulator.webhooks.settled();
  assert.equal(own.got.length, 2);
  own.status = status;
  simulator.advance(15 * MINUTE - 1);
  await simulator.webhooks.settled();
  assert.equal(own.got.length, 2);
  simulator.advance(1);
  await simulator.webhooks.settled();
  assert.equal(own.got.length, 3);
  assert.deepEqual(own.got[2].body, own.got[0].body);
  simulator.advance(60 * MINUTE);
  await simulator.webhooks.settled();
  assert.equal(own.got.length, 3, "each event is delivered once");
});

test("an address that does not check signatures is disabled, and validated over HTTP", async (t) => {
  const own = await receiver(t);
  const { status } = own;
  own.status = () => 200;
  const simulator = open(t, own.url);
  assert.equal(await simulator.webhooks.validate(), "disabled");
  own.status = status;
  const { url } = await simulator.listen();
  const answer = await (await fetch(`${url}/simulator/validate`, { method: "POST" })).json();
  assert.equal(answer.webhooks, "intent-to-receive");
  await simulator.webhooks.settled();
  assert.equal(simulator.webhooks.state, "active");
});

test("webhooks without an address, or with one elsewhere, are refused", () => {
  for (const webhooks of [{}, { url: "https://example.com/hook" }, { url: 7 }, { url: "http://localhost", secret: "x" }]) {
    assert.throws(() => createSimulator({ webhooks }), { code: "invalid_option", message: /webhooks|there is no option/ }, JSON.stringify(webhooks));
  }
  assert.equal(createSimulator({ invoices: 0 }).webhooks, undefined);
});
