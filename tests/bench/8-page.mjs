// From opening the page with a link to the answer on the screen, in a fresh browser context each time.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { launch, serve } from "../page/browser.mjs";
import { median, note, table, time } from "./measure.mjs";

const RUNS = 9;
const LINK =
  "#v=1&on=2026-11-24&created=2025-03-17&scopes=accounting.transactions+accounting.contacts&calls=accounting.getInvoices+accounting.createPayments";

const find = (name) => process.env.PATH.split(delimiter).map((folder) => join(folder, name)).find(existsSync);
process.env.CHROMIUM ??= ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"].map(find).find(Boolean) ?? "";
process.env.PAGE ??= "../www";

if (process.env.CHROMIUM) await measure();
else note("the page: not measured, there is no Chromium in PATH");

async function measure() {
  const server = await serve();
  const browser = await launch();
  const found = [];
  for (let run = 0; run <= RUNS; run++) {
    const context = await browser.newContext();
    // The browser's own clock, from the start of the navigation to the frame after the answer is there.
    await context.addInitScript(() => {
      const watch = new MutationObserver(() => {
        if (!document.querySelector(".verdict")) return;
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => (window.answeredAt = performance.now())));
      });
      watch.observe(document, { childList: true, subtree: true });
    });
    const page = await context.newPage();
    await page.goto(server.address + LINK);
    await page.waitForFunction(() => window.answeredAt);
    const times = await page.evaluate(() => [performance.getEntriesByType("navigation")[0].loadEventEnd, window.answeredAt]);
    // The first run warms the browser up.
    if (run > 0) found.push(times);
    await context.close();
  }
  await browser.close();
  await server.close();
  const row = (name, list) => [name, ...[median(list), Math.min(...list), Math.max(...list)].map((ms) => time(ms * 1e6))];
  table("the page, from navigation to", ["median", "least", "most"], [
    row("the load event", found.map(([loaded]) => loaded)),
    row("the first answer, shown", found.map(([, answered]) => answered)),
  ]);
}
