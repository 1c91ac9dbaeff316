// What the page asks for, and what it cannot do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { example, settled, suite } from "./support.mjs";

const shared = suite();

test("four files of its own path are all it asks for, and nothing once it is ready", async () => {
  const { page, requests, end } = await shared.open();
  const loaded = [...requests];
  const base = shared.server.address;
  assert.deepEqual(loaded.map((url) => url.replace(base, "")).sort(), ["", "main.js", "style.css", "worker.js"]);
  for (const label of ["broad", "fresh", "journals", "log"]) await example(page, label);
  await page.getByRole("button", { name: "Share" }).click();
  await page.locator("#matrix-title").click();
  await page.getByRole("button", { name: "GET /Invoices", exact: true }).last().click();
  await settled(page);
  assert.deepEqual(requests, loaded);
  // The server saw no more requests than the browser reported, those of the worker included.
  assert.deepEqual(shared.server.asked.filter((path) => !["", "main.js", "style.css", "worker.js"].includes(path.replace("/some/path/", ""))), []);
  assert.equal(shared.server.asked.length, loaded.length);
  await end();
});

test("the policy stops scripts in the page, requests, forms and frames", async () => {
  const { page, context } = await shared.open();
  const before = shared.server.asked.length;
  const fetched = await page.evaluate(async () => {
    const broken = (window.broken = new Set());
    document.addEventListener("securitypolicyviolation", (event) => broken.add(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", '<p onclick="window.injected = true" style="color: red">x</p>');
    document.body.lastElementChild.click();
    // Not here and now: what a debugger runs may evaluate.
    setTimeout("window.injected = true", 0);
    const fetched = await fetch("index.html").catch((error) => error.name);
    const image = document.createElement("img");
    image.src = "pixel.png";
    document.body.append(image);
    const frame = document.createElement("iframe");
    frame.src = "index.html";
    document.body.append(frame);
    navigator.sendBeacon("index.html", "x");
    const form = document.createElement("form");
    form.action = "elsewhere";
    document.body.append(form);
    form.submit();
    return fetched;
  });
  assert.equal(fetched, "TypeError");
  const expected = ["connect-src", "form-action", "frame-src", "img-src", "script-src", "script-src-attr", "script-src-elem", "style-src-attr"];
  await page.waitForFunction((expected) => expected.every((directive) => window.broken.has(directive)), expected);
  assert.equal(await page.evaluate(() => window.injected), undefined);
  assert.equal(shared.server.asked.length, before);
  await context.close();
});

test("the worker, which the policy in the page does not reach, has nothing to send with", async () => {
  const { page, end } = await shared.open();
  const [worker] = page.workers();
  const left = await worker.evaluate(() =>
    ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "importScripts", "Worker"].filter((name) => globalThis[name] !== undefined),
  );
  assert.deepEqual(left, []);
  await end();
});

test("it stores nothing", async () => {
  const { page, context, end } = await shared.open();
  await example(page, "broad");
  assert.deepEqual(await context.cookies(), []);
  const { origins } = await context.storageState({ indexedDB: true });
  assert.deepEqual(origins, []);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
  const boxes = await page.evaluate(() => [...document.querySelectorAll("input, textarea, select")].map((box) => [box.id, box.autocomplete]));
  assert.deepEqual(boxes.filter(([, autocomplete]) => autocomplete !== "off"), []);
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("textarea, input[type=text]")].filter((box) => box.spellcheck).length), 0);
  await end();
});

test("links lead away without saying from where", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  const links = await page.evaluate(() => [...document.querySelectorAll("a[href^=http]")].map(({ rel, target, protocol }) => ({ rel, target, protocol })));
  assert.ok(links.length > 10);
  assert.deepEqual(links.filter(({ rel, target, protocol }) => rel !== "noreferrer" || target !== "_blank" || protocol !== "https:"), []);
  await end();
});
