// Files and long texts: read by the worker, never shown, and the page stays free.
import assert from "node:assert/strict";
import { test } from "node:test";
import { saved, settled, suite } from "./support.mjs";

const shared = suite();
const SECRET = "Bearer aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA";

/** A HAR file of some bytes at least, with every third call another one, as a browser records them. */
function har(bytes) {
  const entry = (method, path) => ({
    startedDateTime: "2026-11-20T10:00:00.000Z",
    request: { method, url: `https://api.xero.com/api.xro/2.0${path}`, headers: [{ name: "Authorization", value: SECRET }], queryString: [] },
    response: { status: 200, content: { mimeType: "application/json", text: JSON.stringify({ note: "private words ".repeat(600) }) } },
  });
  const entries = [entry("GET", "/Invoices?page=1"), entry("POST", "/Contacts"), entry("GET", "/Nowhere")];
  const one = Buffer.byteLength(JSON.stringify(entries));
  const all = Array.from({ length: Math.ceil(bytes / one) }, () => entries).flat();
  return { text: JSON.stringify({ log: { version: "1.2", creator: { name: "test", version: "1" }, entries: all } }), count: all.length };
}
const file = (name, text) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });
const read = async (page, name) => {
  await page.locator("#traces li").filter({ hasText: name }).waitFor();
  await settled(page);
};

test("a HAR file of 20 MB: the page answers all the while, and shows how far it is", async () => {
  const { page, end } = await shared.open();
  const { text, count } = har(20 * 1024 * 1024);
  assert.ok(text.length > 20 * 1024 * 1024);
  await page.evaluate(() => {
    const seen = (window.seen = { reading: 0, looking: 0, values: new Set() });
    const bar = document.querySelector("#progress");
    const isReading = () => !document.querySelector("#reading").hidden;
    setInterval(() => {
      if (!isReading()) return;
      if (bar.hasAttribute("value")) seen.values.add(bar.value);
      seen[bar.hasAttribute("value") ? "reading" : "looking"]++;
    }, 1);
  });
  await page.setInputFiles("#file", file("trace.har", text));
  await read(page, "trace.har");
  const seen = await page.evaluate(() => ({ ...window.seen, values: window.seen.values.size }));
  // The worker is one call into wasm while it looks for calls: were that on the page's thread, nothing else would happen.
  assert.ok(seen.looking >= 3, JSON.stringify(seen));
  assert.ok(seen.values >= 3, "progress was shown in steps");
  assert.ok(!(await page.locator("#reading").isVisible()));

  const { asked } = JSON.parse((await saved(page, "Save answer.json")).text);
  assert.deepEqual(asked.calls, ["accounting.updateOrCreateContacts", "accounting.getInvoices"].sort((a, b) => asked.calls.indexOf(a) - asked.calls.indexOf(b)));
  await page.locator("#traces").getByText(`${(count * 2) / 3} calls`.replace(/\B(?=(\d{3})+ )/, ",")).waitFor();
  await page.locator(".part.unresolved").getByText(/Nowhere.*trace\.har, line 1/).waitFor();
  const html = await page.content();
  for (const word of ["private words", SECRET, "aB3dE5gH7"]) assert.ok(!html.includes(word), word);
  await page.getByRole("button", { name: "Leave out trace.har" }).click();
  await settled(page);
  await page.getByRole("heading", { name: "Which permissions does your software need in Xero?" }).waitFor();
  await end();
});

test("several files and the box are added up, each call with its place", async () => {
  const { page, end } = await shared.open();
  await page.fill("#calls", "GET /Invoices");
  await page.setInputFiles("#file", [file("a.log", "GET /Accounts 200\n\nPUT /Payments 200"), file("b.js", "xero.accountingApi.getInvoices('')")]);
  await read(page, "a.log");
  await read(page, "b.js");
  const { asked } = JSON.parse((await saved(page, "Save answer.json")).text);
  assert.deepEqual([...asked.calls].sort(), ["accounting.createPayments", "accounting.getAccounts", "accounting.getInvoices"]);
  await page.locator("#matrix-title").click();
  await page.getByRole("button", { name: "PUT /Payments" }).click();
  await page.locator("#why-accounting\\.createPayments").getByText("a.log, line 3").waitFor();
  await page.getByRole("button", { name: "GET /Invoices" }).click();
  await page.locator("#why-accounting\\.getInvoices").getByText("b.js, line 1").waitFor();
  await end();
});

test("a dropped file is read, and does not leave the page", async () => {
  const { page, end } = await shared.open();
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["GET /Items"], "dropped.txt"));
    document.querySelector("#scopes").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  await read(page, "dropped.txt");
  assert.equal(await page.inputValue("#scopes"), "");
  await end();
});

test("a pasted HAR file and a long paste are taken like files, and never stand in the box", async () => {
  const { page, end } = await shared.open();
  const drop = async (text) => {
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      document.querySelector("#calls").dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  };
  await drop(har(1).text);
  await read(page, "Pasted HAR file");
  assert.equal(await page.inputValue("#calls"), "");
  await drop("GET /Quotes\n".repeat(20_000));
  await read(page, "Pasted text");
  assert.equal(await page.inputValue("#calls"), "");
  await page.fill("#calls", har(1).text); // Not pasted, but filled in by a tool.
  await page.locator("#traces li").nth(2).waitFor();
  assert.equal(await page.inputValue("#calls"), "");
  const { asked } = JSON.parse((await saved(page, "Save answer.json")).text);
  assert.ok(asked.calls.includes("accounting.getQuotes") && asked.calls.includes("accounting.getInvoices"));
  assert.ok(!(await page.content()).includes("private words"));
  await end();
});

test("a broken HAR file is reported with the place where it breaks", async () => {
  const { page, end } = await shared.open();
  const { text } = har(1);
  await page.setInputFiles("#file", file("cut.har", text.slice(0, text.length - 9000)));
  await read(page, "cut.har");
  await page.getByText("ends early, is broken or is nested too deeply here").first().waitFor();
  await end();
});

test("100,000 lines of a log are read", async () => {
  const { page, end } = await shared.open();
  const line = (at) => `10.0.0.${at % 250} - - [20/Nov/2026:10:00:00 +0000] "GET /api.xro/2.0/Invoices?page=${at} HTTP/1.1" 200 512\n`;
  await page.setInputFiles("#file", file("access.log", Array.from({ length: 100_000 }, (_, at) => line(at)).join("")));
  await read(page, "access.log");
  await page.locator("#traces").getByText("100,000 calls").waitFor();
  await end();
});
