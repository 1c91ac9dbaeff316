// Tokens and secrets: read where that helps, then gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { paste, saved, settled, suite } from "./support.mjs";

const shared = suite();

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signature = "c2lnbmF0dXJlLW9mLW5vYm9keS1pbi1wYXJ0aWN1bGFy";
const jwt = (claims) => `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.${signature}`;
const TOKEN = jwt({ iss: "nobody", client_id: "someclient", scope: ["accounting.invoices", "accounting.contacts.read"], exp: 1_800_000_000 });
const SECRET = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA_bC-dE3fG5hJ7kL9";
const CLIENT_ID = "0F1E2D3C4B5A69788796A5B4C3D2E1F0";

/** Fails if one of the words is anywhere in the page, its boxes, its address or its storage. */
async function nowhere(page, words) {
  const places = await page.evaluate(async () => [
    document.documentElement.outerHTML,
    document.title,
    location.href,
    JSON.stringify(history.state),
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, window.name, await indexedDB.databases()]),
    ...[...document.querySelectorAll("input, textarea, select")].map((box) => `${box.value} ${box.defaultValue}`),
  ]);
  places.push((await saved(page, "Save answer.json")).text, (await saved(page, "Save ticket.md")).text);
  // Undone, it does not come back either.
  for (const box of ["#scopes", "#calls"]) {
    await page.locator(box).focus();
    for (let times = 0; times < 3; times++) await page.keyboard.press("Control+Z");
    places.push(await page.inputValue(box));
  }
  for (const word of words) assert.ok(!places.some((place) => place.includes(word)), `${word.slice(0, 12)}… is still there`);
}

test("a token pasted as scopes gives its scopes and its end, and is dropped", async () => {
  const { page, end } = await shared.open();
  await page.evaluate(() => {
    window.seen = "";
    document.addEventListener("input", ({ target }) => (window.seen += target.value), true);
  });
  await paste(page, "#scopes", `access_token=${TOKEN}`);
  assert.ok(!(await page.evaluate(() => window.seen)).includes(signature), "it was in the box for a moment");
  await page.getByText("Removed: 1 access token (JWT).").waitFor();
  await page.getByText("It expires on 15 January 2027").waitFor();
  assert.match(await page.inputValue("#scopes"), /accounting\.invoices\naccounting\.contacts\.read$/);
  await nowhere(page, [TOKEN, signature, TOKEN.split(".")[1], "someclient"]);
  await end();
});

test("a token pasted with calls offers its scopes, and is dropped", async () => {
  const { page, end } = await shared.open();
  await paste(page, "#calls", `curl -H 'Authorization: Bearer ${TOKEN}' https://api.xero.com/api.xro/2.0/Invoices`);
  assert.match(await page.inputValue("#calls"), /^curl -H 'Authorization: Bearer ' https:\/\/api\.xero\.com\/api\.xro\/2\.0\/Invoices$/);
  await page.getByRole("button", { name: "Use these scopes" }).click();
  await settled(page);
  assert.equal(await page.inputValue("#scopes"), "accounting.invoices\naccounting.contacts.read");
  await nowhere(page, [TOKEN, signature, TOKEN.split(".")[1]]);
  await end();
});

test("claims are scopes or nothing", async () => {
  const { page, end } = await shared.open();
  await paste(page, "#scopes", jwt({ scope: ["accounting.contacts", "<b>markup</b>", SECRET, 7, { a: 1 }], exp: "soon" }));
  assert.equal(await page.inputValue("#scopes"), "accounting.contacts");
  await paste(page, "#calls", "eyJhbGciOiJub25lIn0.bm90IGpzb24.x\nGET /Invoices");
  assert.equal(await page.inputValue("#calls"), "\nGET /Invoices");
  await nowhere(page, [SECRET, "markup", "eyJ"]);
  await end();
});

/** Texts that people paste, and the words in them that must not stay. The calls in them must stay. */
const PASTED = [
  ["a curl command with basic credentials", `curl -u someid:${SECRET} -d grant_type=client_credentials https://identity.xero.com/connect/token\nGET /Invoices`, [SECRET]],
  ["a Basic header", `-H "Authorization: Basic ${Buffer.from(`id:${SECRET}`).toString("base64")}" GET /Invoices`, [Buffer.from(`id:${SECRET}`).toString("base64")]],
  ["a Bearer that is no JWT", "Authorization: Bearer opaque-Token.99x\nGET /Invoices", ["opaque-Token"]],
  ["an environment file", `XERO_CLIENT_SECRET=${SECRET}\nXERO_CLIENT_ID=${CLIENT_ID}\nGET /Invoices`, [SECRET, CLIENT_ID]],
  ["JSON", `{"client_secret": "pw12","refresh_token":"short-one1"}\nGET /Invoices`, ["pw12", "short-one1"]],
  ["code", `const xero = new Client({ clientSecret: "hunter2x", password: 'correct horse' });\nxero.accountingApi.getInvoices("")`, ["hunter2x", "correct"]],
  ["a URL with a password", "https://me:pass.word@api.xero.com/api.xro/2.0/Invoices", ["pass.word"]],
  ["an authorisation code", "https://app.example/callback?code=abcdefgh12345\nGET /Invoices", ["abcdefgh12345"]],
  ["a cookie", "Cookie: session=abc; other=def\nGET /Invoices", ["session=abc", "other=def"]],
  ["a header of a HAR file", `{"name":"Authorization","value":"Bearer opaque12345"}\nGET /Invoices`, ["opaque12345"]],
  ["a bare secret", `${SECRET}\nGET /Invoices`, [SECRET]],
];

for (const [what, text, words] of PASTED) {
  test(`${what} loses its secret and keeps its calls`, async () => {
    const { page, end } = await shared.open();
    await paste(page, "#calls", text);
    await page.getByText("Removed: ").waitFor();
    const { asked } = JSON.parse((await saved(page, "Save answer.json")).text);
    assert.deepEqual(asked.calls, ["accounting.getInvoices"]);
    await nowhere(page, words);
    await end();
  });
}

test("typed, filled in or dropped, it does not stay either", async () => {
  const { page, end } = await shared.open();
  await page.fill("#calls", `GET /Invoices\n${TOKEN}`);
  await settled(page);
  await page.locator("#more summary").click();
  for (const box of ["#user", "#sender"]) {
    await page.fill(box, TOKEN);
    await settled(page);
    assert.equal(await page.inputValue(box), "");
  }
  await page.locator("#scopes").focus();
  await page.keyboard.insertText(`accounting.contacts ${SECRET}`);
  await settled(page);
  assert.equal(await page.inputValue("#scopes"), "accounting.contacts ");
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData("text/plain", text);
    document.querySelector("#calls").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, `client_secret=${SECRET}`);
  await settled(page);
  assert.match(await page.inputValue("#calls"), /client_secret=/);
  await nowhere(page, [TOKEN, signature, SECRET]);
  await end();
});

test("texts without a secret stay as they are", async () => {
  const { page, end } = await shared.open();
  const text = [
    "GET /Invoices/243216c5-369e-4056-ac67-05388f86dc81/Attachments/file-of-2026.pdf",
    "2026-11-20T22:14:03.123456Z 10.0.0.1 GET https://api.xero.com/api.xro/2.0/Contacts?page=2 200 412ms",
    "await xero.accountingApi.updateRepeatingInvoiceAttachmentByFileName(tenant, id, name, body);",
    "api.create_repeating_invoice_attachment_by_file_name(xero_tenant_id, repeating_invoice_id, file_name)",
    "new Client({ clientId: process.env.XERO_CLIENT_ID, clientSecret: process.env.XERO_CLIENT_SECRET })",
    "function connect(clientSecret: string, accessToken: string) {}",
    "payroll-au.getLeaveApplicationsV2",
    "export SECRET=$XERO_CLIENT_SECRET",
    "basic authentication, bearer tokens and passwords are explained elsewhere",
  ].join("\n");
  await paste(page, "#calls", text);
  assert.equal(await page.inputValue("#calls"), text);
  assert.ok(!(await page.locator("#removed").isVisible()));
  await end();
});

test("a value in a path that looks like a secret is marked, so that the call stays the same", async () => {
  const { page, end } = await shared.open();
  await paste(page, "#calls", `GET /Invoices/${CLIENT_ID.toLowerCase()}`);
  const { asked } = JSON.parse((await saved(page, "Save answer.json")).text);
  assert.deepEqual(asked.calls, ["accounting.getInvoice"]);
  await nowhere(page, [CLIENT_ID.toLowerCase()]);
  await end();
});

test("clearing takes the notice with it", async () => {
  const { page, end } = await shared.open();
  await paste(page, "#scopes", `secret: ${SECRET}`);
  await page.getByText("Removed: ").waitFor();
  await page.getByRole("button", { name: "Clear everything" }).click();
  assert.ok(!(await page.locator("#removed").isVisible()));
  await end();
});
