// Traces of secrets in the memory of the wasm module after they have been used.
import assert from "node:assert/strict";
import { test } from "node:test";
// First, so that it sees the module made.
import { memories } from "./memories.mjs";
import { CLIENT_ID, client, expired, failure, granted, json, refused, stub } from "./support.mjs";

/** Returns the number of times that a text is found in the memory of the client's module. */
function found(text) {
  const memory = Buffer.from(memories[0].buffer);
  let count = 0;
  for (let at = memory.indexOf(text); at >= 0; at = memory.indexOf(text, at + 1)) count += 1;
  return count;
}

/** A token as long as Xero's, and like no other text. */
const token = (n) => `${n}-`.padEnd(1_400, `token of generation ${n} `).replaceAll(" ", "_");
const basic = (secret) => btoa(`${CLIENT_ID}:${secret}`);

test("an answer or a secret that is not all ASCII leaves no copy behind, however its text grew on the way in", async (t) => {
  const { fetch } = stub({
    token: () => granted({ access_token: token(7), scope: "accounting.settings", note: "Zoë’s connection, 株式会社 ".repeat(60) }),
    api: () => json({ Organisations: [] }),
  });
  const clientSecret = `sécret-${"zyxwvutsrq".repeat(20)}`;
  const xero = client(t, { fetch, clientSecret });
  await xero.json("GET", "/Organisation");
  xero.close();
  for (const secret of [clientSecret, token(7)]) {
    const piece = secret.slice(secret.length / 2, secret.length / 2 + 40);
    assert.equal(found(piece), 0, `${piece} is still there`);
  }
});

test("neither secret nor token is left, once they have been used, were refused or replaced, or the client is closed", async (t) => {
  let issued = 0;
  const { fetch } = stub({
    token: (_, n) =>
      n === 1 ? refused("invalid_client") : granted({ access_token: token(++issued), scope: "accounting.settings" }),
    api: (_, n) => (n === 1 ? expired() : json({ n })),
  });
  const clientSecret = [`a-secret-that-was-replaced-${"1234567890".repeat(20)}`, `a-secret-${"abcdefghi".repeat(20)}`];
  const xero = client(t, { fetch, clientSecret });
  await xero.json("GET", "/Organisation");
  assert.equal(issued, 2);
  const { fetch: sick } = stub({ token: () => json({ access_token: token(3), token_type: "mac" }) });
  await failure(client(t, { fetch: sick, deadlineMs: 200 }).token());
  // This looks in the right place: the id is kept for the next request.
  assert.ok(found(CLIENT_ID) > 0);
  xero.close();
  for (const secret of [...clientSecret, ...clientSecret.map(basic), token(1), token(2), token(3)]) {
    // The allocator overwrites the ends of free blocks.
    const piece = secret.slice(secret.length / 2, secret.length / 2 + 40);
    assert.equal(found(piece), 0, `${piece} is still there`);
  }
});
