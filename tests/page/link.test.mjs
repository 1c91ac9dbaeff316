// A link carries a question, reproduces its answer, and has nothing in it that was pasted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TODAY, example, saved, settled, suite } from "./support.mjs";

const shared = suite();
const data = async (page) => (await saved(page, "Save answer.json")).text;
const link = async (page) => {
  await page.getByRole("button", { name: "Share" }).click();
  await page.locator("#announced").filter({ hasText: "Copied" }).waitFor();
  const address = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(page.url(), address);
  return address;
};
const hash = (address) => new URL(address).hash;

for (const label of ["broad", "fresh", "journals"]) {
  test(`a link to "${label}" gives the same answer, on another day too`, async () => {
    const { page, end } = await shared.open();
    await example(page, label);
    await page.locator("#more summary").click();
    await page.check("#demo");
    await page.check("#switch");
    await settled(page);
    const before = await data(page);
    const shown = await page.locator("#answer").innerText();
    const address = await link(page);
    await end();

    const later = await shared.open({}, hash(address));
    await later.page.clock.setFixedTime("2027-08-30T00:00:00Z");
    await later.page.reload();
    await settled(later.page);
    assert.equal(await data(later.page), before);
    assert.equal(await later.page.locator("#answer").innerText(), shown);
    assert.equal(later.page.url(), address);
    await later.end();
  });
}

test("it is readable, and only the catalogue's names and days are in it", async () => {
  const { page, end } = await shared.open();
  await page.fill("#scopes", "accounting.invoices hunter2.secret_name accounting.contacts");
  await page.fill("#calls", "my private note\nGET /Invoices?where=Name==\"Private\"\nGET /Privates\nhttps://private.example/x");
  await page.locator("#more summary").click();
  await page.fill("#user", "private@example.com");
  await page.fill("#sender", "private company");
  await page.selectOption("#region", "AU");
  await page.fill("#created", "2026-05-01");
  await settled(page);
  assert.equal(
    hash(await link(page)),
    // `GET /Privates` is only counted: it was not understood.
    `#v=1&on=${TODAY}&created=2026-05-01&region=AU&scopes=accounting.contacts+accounting.invoices&calls=accounting.getInvoices&unread=1`,
  );
  await end();
});

test("the address never differs from the page: it is cleared by a change", async () => {
  const { page, end } = await shared.open();
  await example(page, "journals");
  await link(page);
  await page.fill("#scopes", "accounting.contacts");
  await settled(page);
  assert.equal(new URL(page.url()).hash, "");
  await end();
});

test("a link opened in the same page is answered", async () => {
  const { page, end } = await shared.open();
  await page.evaluate(() => (location.hash = "#v=1&on=2026-12-01&scopes=accounting.contacts&calls=accounting.getInvoices"));
  await page.getByText("As of 1 December 2026 (UTC)").waitFor();
  assert.equal(await page.inputValue("#scopes"), "accounting.contacts");
  await end();
});

test("parts that a link should not have are left out and not shown", async () => {
  const { page, end } = await shared.open({}, "#v=1&on=2026-02-30&created=yesterday&region=XX&scopes=accounting.contacts+call.me.now&calls=accounting.getInvoices+<b>boo</b>");
  await page.locator("#notice").getByText("5 things in this link are not known here and left out.").waitFor();
  assert.equal(await page.inputValue("#on"), TODAY);
  assert.equal(await page.inputValue("#created"), "");
  const html = await page.content();
  for (const word of ["call.me.now", "boo", "yesterday", "XX"]) assert.ok(!html.includes(word), word);
  await end();
});

test("a link has the assumed methods and the number of unread places", async () => {
  const calls = "calls=accounting.getInvoices+accounting.getItems&assumed=accounting.getItems&unread=2";
  const { page, end } = await shared.open({}, `#v=1&on=${TODAY}&scopes=accounting.invoices.read&${calls}`);
  await settled(page);
  assert.equal(await page.inputValue("#calls"), "accounting.getInvoices\n/api.xro/2.0/Items");
  assert.match(await page.locator("h2").innerText(), /for what was read$/);
  assert.match(await page.locator("p.read").innerText(), /2 places use Xero and could not be read; the method of 1 call is not written/);
  await end();
});

test("a link of another version is refused", async () => {
  const { page, end } = await shared.open({}, "#v=2&scopes=accounting.contacts");
  await page.locator("#notice").getByText("made by another version").waitFor();
  assert.equal(await page.inputValue("#scopes"), "");
  await end();
});
