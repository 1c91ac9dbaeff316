// The page as its user has it.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { launch, serve } from "./browser.mjs";

/** The day on which the page believes to be. */
export const TODAY = "2026-11-24";

/** A fresh page at the address, once it is ready. What it complains of, and what it asks any server for, is kept. */
export async function visit(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...options });
  // So that a busy machine is not taken for a broken page.
  context.setDefaultTimeout(120_000);
  await context.clock.setFixedTime(`${TODAY}T12:00:00Z`);
  const complaints = [];
  const requests = [];
  context.on("request", (request) => requests.push(request.url()));
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(address);
  await settled(page);
  return { page, context, complaints, requests };
}

/** Waits for the answer to the last input. */
export async function settled(page) {
  // On a narrow screen the question or the answer is shown, not both.
  await page.locator("#answer[aria-busy=false]").waitFor({ state: "attached" });
}

/** The examples of the page, in short. */
export const EXAMPLES = {
  broad: "I have broad scopes from 2025. What do I change before they end?",
  fresh: "I am making a new connection. Which scopes does my code need?",
  journals: "My connection reads journals. May I change it?",
  log: "Here is a log with refused calls. What is missing?",
};

/** Loads one of the page's examples, which are there as long as there is nothing to answer. */
export async function example(page, short) {
  const button = page.getByRole("button", { name: EXAMPLES[short], exact: true });
  if (!(await button.isVisible())) {
    await question(page);
    await page.getByRole("button", { name: "Clear everything" }).click();
    await settled(page);
  }
  await button.click();
  await settled(page);
}

/** Goes to the question, which a narrow screen shows instead of the answer. */
export async function question(page) {
  const edit = page.getByRole("button", { name: "Change the question" });
  if (await edit.isVisible()) await edit.click();
}

/** Unfolds the part of the answer with this name, or a part of the form. */
export async function unfold(page, name) {
  await page.locator(`details:is([data-key="${name}"], [id="${name}"])`).evaluate((part) => (part.open = true));
}

/** Returns the file that the button of this name saves. */
export async function saved(page, label) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: label }).click()]);
  const parts = [];
  for await (const part of await download.createReadStream()) parts.push(part);
  return { name: download.suggestedFilename(), text: Buffer.concat(parts).toString("utf8") };
}

/** Puts a text into the focused box as pasting does. */
export async function paste(page, selector, text) {
  await page.locator(selector).focus();
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("Control+V");
  // The clipboard is emptied, so that nothing of it is found where a test looks for leaks.
  await page.evaluate(() => navigator.clipboard.writeText("-"));
  await settled(page);
}

/** One browser and one server for the tests of a file. `open` gives a page; at the end none may have complained. */
export function suite() {
  const shared = { pages: [] };
  before(async () => {
    shared.server = await serve();
    shared.browser = await launch();
  });
  after(async () => {
    await shared.browser?.close();
    await shared.server?.close();
  });
  shared.open = async (options = {}, hash = "") => {
    const visited = await visit(shared.browser, shared.server.address + hash, { permissions: ["clipboard-read", "clipboard-write"], ...options });
    visited.end = async () => {
      await visited.context.close();
      assert.deepEqual(visited.complaints, []);
    };
    return visited;
  };
  return shared;
}
