/** Texts from outside that hold the token or the secret, in any form, and the places where such texts could be printed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { diagnose } from "xero-m2m/doctor";
import { CLIENT_ID, client, failure, granted, json, stub } from "./support.mjs";

const SECRET = "s3cret/value+of-the_tests~";
const OLD = "an-old-s3cret-of-the-tests";
const TOKEN = "eyJhbGciOi.token-value~of_the+tests/1";

const escaped = (text) => Array.from(text, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const percent = (text) => Array.from(text, (c) => `%${c.charCodeAt(0).toString(16)}`).join("");
const url64 = (text) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The forms in which a service may say something back. */
const FORMS = {
  "as it is": (text) => text,
  "inside of a sentence": (text) => `the value ${text}, as sent`,
  "escaped for JSON": escaped,
  "escaped for JSON twice": (text) => JSON.stringify(escaped(text)),
  "percent-encoded": encodeURIComponent,
  "percent-encoded throughout": percent,
  "percent-encoded twice": (text) => encodeURIComponent(percent(text)),
  "as a form has it": (text) => new URLSearchParams([["a", text]]).toString(),
  "in base64": btoa,
  "in base64url": url64,
  "in base64, one byte behind a group": (text) => btoa(`x${text}x`),
  "in base64, two bytes behind a group": (text) => btoa(`xx${text}xx`),
  "in base64, as a header has it": (text) => `Basic ${btoa(`${CLIENT_ID}:${text}`)}`,
  "cut off": (text) => text.slice(0, 20),
  "in upper case": (text) => text.toUpperCase(),
  "with a character between all of its own": (text) => Array.from(text).join("."),
  "in base64, form-encoded first": (text) => `Basic ${btoa(`${CLIENT_ID}:${encodeURIComponent(text)}`)}`,
};

const SECRETS = { "the token": TOKEN, "the secret": SECRET, "another of several secrets": OLD };

/** Everything that `value` shows, escapes undone. */
function shownBy(value) {
  const texts = [inspect(value, { depth: 10, showHidden: true }), JSON.stringify(value) ?? ""];
  for (const text of [...texts]) texts.push(text.replaceAll("\\\\", "\\"));
  return texts;
}

function assertClean(value, forms) {
  for (const text of shownBy(value)) for (const form of forms) assert.ok(!text.includes(form), text);
}

const options = { clientSecret: [SECRET, OLD] };
const token = (more) => () => granted({ access_token: TOKEN, ...more });

for (const [what, secret] of Object.entries(SECRETS)) {
  for (const [how, form] of Object.entries(FORMS)) {
    const text = form(secret);

    test(`scopes: ${what} ${how} is left out of token and events, with a note`, async (t) => {
      const name = text.replaceAll(" ", "+");
      const events = [];
      const { fetch } = stub({ token: token({ scope: `accounting.settings ${name}` }) });
      const held = await client(t, { ...options, fetch, onEvent: (event) => events.push(event) }).token();
      assert.deepEqual([held.scopes, held.scopesWithheld], [["accounting.settings"], 1]);
      const { scopes, scopesWithheld } = events.find(({ type }) => type === "token.renewed");
      assert.deepEqual([scopes, scopesWithheld], [["accounting.settings"], 1]);
      assertClean(events, [name, secret]);
    });

    test(`validation: ${what} ${how} is left out of message and field, with a note`, async (t) => {
      const body = { message: "no", modelState: { [`a ${text}`]: [`b ${text}`, "fine"] } };
      const api = () => new Response(JSON.stringify(body), { status: 400 });
      const error = await failure(
        client(t, { ...options, fetch: stub({ token: token(), api }).fetch }).json("GET", "/projects.xro/2.0/Projects"),
      );
      assert.equal(error.code, "refused");
      assert.deepEqual(error.validation.map(({ message }) => message), ["(left out: it holds a token or a secret)", "fine"]);
      assertClean(error.validation, [text, secret]);
    });
  }

  test(`validation: ${what} in escapes of the body itself`, async (t) => {
    const api = () => new Response(`{"Message": "no: ${escaped(secret)}"}`, { status: 400 });
    const error = await failure(client(t, { ...options, fetch: stub({ token: token(), api }).fetch }).json("GET", "/Invoices"));
    assert.deepEqual([error.code, error.validation.length], ["refused", 1]);
    assertClean(error.validation, [secret]);
  });

  test(`the report: ${what} as the name of the organisation, as its country and as a scope`, async () => {
    for (const [how, form] of Object.entries(FORMS)) {
      const text = form(secret);
      const scope = `accounting.settings ${text.replaceAll(" ", "+")}`;
      for (const organisation of [{ Name: text }, { Name: "Kea", CountryCode: text }]) {
        const { fetch } = stub({ token: token({ scope }), api: () => json({ Organisations: [organisation] }) });
        const health = await diagnose({ clientId: CLIENT_ID, ...options, fetch });
        assertClean(health, [text, secret]);
        assert.match(health.steps[6].message, /left out: it holds a token or a secret/, how);
        assert.match(health.steps[4].details.join(), /left out, because they contain a token or a secret: 1/, how);
      }
    }
  });
}

test("any twelve letters and digits of a secret in a row are left out, wherever they stand; eleven are shown", async (t) => {
  const letters = SECRET.replaceAll(/[^a-z0-9]/g, "");
  const pieces = (length) =>
    Array.from({ length: letters.length - length + 1 }, (_, from) => letters.slice(from, from + length)).flatMap((piece) =>
      Array.from({ length: 13 }, (_, before) => `${"#Q".repeat(before)}${piece}Q`),
    );
  const complaints = async (messages) => {
    const body = { Elements: [{ ValidationErrors: messages.map((Message) => ({ Message })) }] };
    const { fetch } = stub({ token: token(), api: () => json(body, { status: 400 }) });
    const error = await failure(client(t, { ...options, fetch }).json("GET", "/Invoices"));
    return error.validation.map(({ message }) => message);
  };
  const left = "(left out: it holds a token or a secret)";
  for (const piece of pieces(12)) assert.deepEqual(await complaints([piece]), [left], piece);
  for (const piece of pieces(11)) assert.deepEqual(await complaints([piece]), [piece], piece);
});

test("a secret from a function is found as well, and texts without a secret are shown", async (t) => {
  const api = () => json({ Message: SECRET, Elements: [{ ValidationErrors: [{ Message: SECRET }, { Message: "100%, a\\b" }] }] }, { status: 400 });
  const error = await failure(
    client(t, { clientSecret: async () => SECRET, fetch: stub({ token: token(), api }).fetch }).json("GET", "/Invoices"),
  );
  assert.deepEqual(error.validation.map(({ message }) => message), ["(left out: it holds a token or a secret)", "100%, a\\b"]);
});

test("a correlation id that is the secret is no correlation id", async (t) => {
  const id = "7c74e780-3d24-4dd8-80d1-c0aa7568b051";
  const api = () => new Response("", { status: 404, headers: { "xero-correlation-id": id } });
  const events = [];
  const onEvent = (event) => events.push(event);
  const error = await failure(client(t, { clientSecret: id, fetch: stub({ api }).fetch, onEvent }).json("GET", "/Invoices"));
  assert.equal(error.correlationId, undefined);
  assertClean([error, events], [id]);
});
