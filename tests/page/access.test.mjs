// Accessibility: axe, the keyboard alone, screen readers, and the preferences of the system.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { EXAMPLES, TODAY, example, question, settled, suite } from "./support.mjs";

const shared = suite();

/** The findings of axe, in a readable form. */
async function violations(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [375, 768, 1440]) {
    test(`axe finds nothing, ${colorScheme}, ${width} pixels wide`, async () => {
      const { page, end } = await shared.open({ colorScheme, viewport: { width, height: 900 } });
      assert.deepEqual(await violations(page), []);
      // An answer with everything in it, and everything unfolded.
      for (const label of ["broad", "log"]) {
        await example(page, label);
        await page.evaluate(() => {
          for (const part of document.querySelectorAll("details")) part.open = true;
          for (const button of document.querySelectorAll("[aria-expanded=false]")) button.click();
        });
        assert.deepEqual(await violations(page), [], label);
        // Nothing but the boxes made for it scrolls sideways.
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, label);
      }
      await question(page);
      await page.evaluate(() => {
        for (const part of document.querySelectorAll("#question details")) part.open = true;
      });
      assert.deepEqual(await violations(page), [], "the question");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, "the question");
      await page.fill("#scopes", "");
      await page.fill("#calls", "GET /Invoicez");
      await settled(page);
      assert.deepEqual(await violations(page), [], "unresolved");
      await page.fill("#scopes", "nothing here");
      await page.fill("#on", "");
      await settled(page);
      assert.deepEqual(await violations(page), [], "with errors");
      await end();
    });
  }
}

test("the page can be used with the keyboard alone, and the focus is always seen", async () => {
  const { page, end } = await shared.open();
  const focus = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element.id === "file" ? element.previousElementSibling : element);
      const { top, bottom, left, right, width, height } = element.getBoundingClientRect();
      return {
        what: element === document.body ? "" : element.id || element.textContent.trim(),
        outlined: outlineStyle !== "none" && parseFloat(outlineWidth) > 0,
        inView: element.id === "file" || (width > 0 && height > 0 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth),
      };
    });
  const tab = async () => {
    await page.keyboard.press("Tab");
    return focus();
  };
  assert.equal((await tab()).what, "Skip to the answer");
  for (let steps = 0; steps < 40 && (await focus()).what !== EXAMPLES.broad; steps++) await tab();
  await page.keyboard.press("Enter");
  await settled(page);
  assert.equal((await focus()).what.slice(0, 4), "answ");
  await page.locator(".skip").focus();

  const passed = [];
  for (let steps = 0; steps < 250; steps++) {
    const now = await tab();
    if (now.what === "" || now.what === "Skip to the answer") break;
    assert.ok(now.outlined, `the focus on ${now.what} cannot be seen`);
    assert.ok(now.inView, `${now.what} has the focus and is out of view`);
    passed.push(now.what);
  }
  for (const what of ["scopes", "calls", "file", "Not sure? Pick what your software does", "app", "created", "region", "on", "For the e-mail, and special cases", "clear", "Copy the scopes", "Copy the ticket", "Save reminder.ics", "Share", "Print", "Save answer.json"]) {
    assert.ok(passed.includes(what), `${what} is not reached`);
  }
  const reachable = await page.evaluate(() => [...document.querySelectorAll("button, summary, textarea, input, select, a[href]")].filter((element) => element.checkVisibility() && !element.closest("details:not([open]) > :not(summary)")).length);
  assert.ok(passed.length >= reachable - 3, `${passed.length} of ${reachable} reached`);
  await end();
});

test("on a narrow screen the answer is in sight from the question, and the question from the answer", async () => {
  const { page, end } = await shared.open({ viewport: { width: 375, height: 812 } });
  assert.ok(!(await page.locator("#peek").isVisible()));
  await page.fill("#calls", "GET /Invoices\nPUT /Payments");
  await settled(page);
  const link = page.getByRole("link", { name: "Two scopes are enough See the answer" });
  const { y, height } = await link.boundingBox();
  assert.ok(y + height <= 812);
  await link.click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "answer");
  assert.ok(!(await page.locator("#question").isVisible()));
  await page.getByRole("button", { name: "Change the question" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "scopes");
  await end();
});

for (const width of [1280, 390]) {
  test(`the first 800 pixels have the verdict, what cannot be undone and the copy button, ${width} pixels wide`, async () => {
    const { page, end } = await shared.open({ viewport: { width, height: 800 } });
    await example(page, "broad");
    for (const part of [".verdict h2", ".doors h3", ".doors .way-out"]) {
      const { y, height } = await page.locator(part).boundingBox();
      assert.ok(y >= 0 && y + height <= 800, `${part} ends at ${y + height}`);
    }
    const { y, height } = await page.getByRole("button", { name: "Copy the scopes" }).boundingBox();
    assert.ok(y + height <= 800, `the button ends at ${y + height}`);
    assert.equal(await page.locator(".filled:visible").count(), 1);
    await end();
  });
}

test("the whole question is in the first 800 pixels of a desk, and no choice in it is cut", async () => {
  const { page, end } = await shared.open({ viewport: { width: 1280, height: 800 } });
  await example(page, "broad");
  const { y, height } = await page.locator("#on").boundingBox();
  assert.ok(y + height <= 800, `the day ends at ${y + height}`);
  for (const id of ["app", "region"]) {
    const [wanted, has] = await page.locator(`#${id}`).evaluate((select) => {
      const { font, paddingLeft } = getComputedStyle(select);
      const context = Object.assign(document.createElement("canvas").getContext("2d"), { font });
      const widths = [...select.options].map(({ text }) => context.measureText(text).width);
      // The arrow takes some 20 pixels.
      return [Math.max(...widths) + 20, select.clientWidth - parseFloat(paddingLeft)];
    });
    assert.ok(wanted <= has, `${id} needs ${wanted} pixels and has ${has}`);
  }
  await end();
});

test("no name of a scope is broken, on a narrow screen too", async () => {
  const { page, end } = await shared.open({ viewport: { width: 375, height: 800 } });
  await example(page, "broad");
  await page.evaluate(() => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });
  const broken = await page.evaluate(() =>
    [...document.querySelectorAll("#answer code")].filter((code) => code.checkVisibility() && /^[a-z.]+$/.test(code.textContent) && code.getClientRects().length > 1).map((code) => code.textContent),
  );
  assert.deepEqual(broken, []);
  await end();
});

test("at 200 % zoom nothing is lost and nothing scrolls sideways", async () => {
  const { page, end } = await shared.open({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  await example(page, "broad");
  for (const state of ["answer", "question"]) {
    if (state === "question") await question(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, state);
    assert.deepEqual(await violations(page), [], state);
  }
  await end();
});

test("a mark shows its rule and source, a word its explanation, and Escape goes back", async () => {
  const { page, end } = await shared.open();
  const popover = page.locator("#explained");
  await page.getByRole("button", { name: "What is a scope?" }).click();
  await popover.getByText("A scope is a permission.").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  assert.ok(!(await popover.isVisible()));
  await example(page, "broad");
  const mark = page.locator(".doors .cite").first();
  await mark.focus();
  await page.keyboard.press("Enter");
  assert.match(await popover.innerText(), /^R11 .*\n.*FAQ, Custom integrations · documented$/s);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.closest("#explained") !== null), true);
  await page.keyboard.press("Escape");
  assert.equal(await mark.evaluate((mark) => mark === document.activeElement), true);
  await end();
});

test("the skip link and the links within the answer move the focus, and leave the address alone", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  await page.locator(".skip").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "answer");
  await page.getByRole("link", { name: "The plan", exact: true }).focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "plan-title");
  await page.getByRole("link", { name: "the plan that removes nothing yet" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "plan-title");
  assert.equal(new URL(page.url()).hash, "");
  await end();
});

test("the answer is announced once, after the user paused", async () => {
  const { page, end } = await shared.open();
  await page.evaluate(() => {
    window.said = [];
    new MutationObserver(() => window.said.push(document.querySelector("#announced").textContent)).observe(document.querySelector("#announced"), { childList: true });
  });
  // The page's timers run on demand.
  await page.clock.install({ time: `${TODAY}T12:00:00Z` });
  await page.clock.pauseAt(`${TODAY}T12:00:01Z`);
  for (const text of ["GET /Items", "GET /Items\nGET /Contacts", "GET /Items\nGET /Contacts\nPUT /Payments"]) {
    await page.fill("#calls", text);
    await page.clock.runFor(100);
    await settled(page);
  }
  assert.deepEqual(await page.evaluate(() => window.said), []);
  await page.clock.runFor(1000);
  assert.deepEqual(await page.evaluate(() => window.said), ["Three scopes are enough."]);
  assert.equal(await page.locator("#announced").getAttribute("role"), "status");
  await end();
});

test("one h1, headings in order, landmarks and names for every box", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  const levels = await page.evaluate(() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1])));
  assert.equal(levels.filter((level) => level === 1).length, 1);
  for (const [at, level] of levels.entries()) assert.ok(at === 0 || level <= levels[at - 1] + 1, `h${level} after h${levels[at - 1]}`);
  for (const role of ["banner", "main", "contentinfo", "form", "navigation"]) assert.equal(await page.getByRole(role).count(), 1, role);
  await end();
});

test("open parts stay open when the answer changes", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  await page.getByText("Read the ticket").first().click();
  await page.locator("#scopes").focus();
  await page.keyboard.type(" ");
  await settled(page);
  assert.ok(await page.getByRole("region", { name: "Change ticket" }).isVisible());
  await end();
});

test("with the system's own colours the marks still differ", async () => {
  const { page, end } = await shared.open({ forcedColors: "active" });
  await example(page, "broad");
  const look = (selector) => page.locator(selector).first().evaluate((element) => getComputedStyle(element).backgroundColor);
  const [called, open, closed] = [await look(".resources .unit.called"), await look(".resources .unit.open"), await look(".resources .unit.closed")];
  assert.equal(new Set([called, open, closed]).size, 3);
  const border = (selector) => page.locator(selector).first().evaluate((element) => getComputedStyle(element).borderTopStyle);
  assert.notEqual(await border(".after .chip"), await border(".before .chip.goes"));
  await end();
});

test("who wants less motion gets none", async () => {
  const { page, end } = await shared.open();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), "auto");
  const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((element) => parseFloat(getComputedStyle(element).transitionDuration) > 0 || getComputedStyle(element).animationName !== "none").length);
  assert.equal(moving, 0);
  await end();
});
