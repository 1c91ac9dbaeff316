// Input and output of the page: the output is the library's answers and nothing else.
import assert from "node:assert/strict";
import { test } from "node:test";
import ICAL from "ical.js";
import { UsageRecorder, assess, catalogue, checkScopes, planChange, requiredScopes, review } from "xero-m2m/policy";
import { TODAY, example, saved, settled, suite, unfold } from "./support.mjs";

const shared = suite();

/** The data that the page saves. */
const data = async (page) => JSON.parse((await saved(page, "Save answer.json")).text);
/** As JSON has it: without members that are undefined. */
const plain = (value) => JSON.parse(JSON.stringify(value));
const texts = (page, selector) => page.locator(selector).allInnerTexts();
const squeeze = (text) => text.replace(/\s+/g, " ").trim();

test("scopes and calls: all of the answer is the library's", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  await unfold(page, "more");
  await page.fill("#user", "Ana Rewi");
  await settled(page);
  const { asked, required, checked, assessment, plan } = await data(page);
  assert.equal(asked.on, TODAY);
  const facts = { createdOn: "2025-03-17", region: "NZ", authorisingUser: "Ana Rewi", on: TODAY };
  const called = { operations: asked.calls, assumed: asked.assumed, unread: asked.unread };
  assert.deepEqual([called.assumed, called.unread], [[], 0]);
  assert.deepEqual(required, plain(requiredScopes(called, { scopes: asked.scopes, ...facts })));
  assert.deepEqual(required.scopes, requiredScopes(await page.inputValue("#calls")).scopes);
  assert.deepEqual(checked, plain(checkScopes({ scopes: asked.scopes, calls: called, ...facts })));
  assert.deepEqual(assessment, plain(assess({ scopes: asked.scopes, ...facts })));
  assert.deepEqual(plan, plain(planChange({ from: asked.scopes, to: required.scopes, ...facts })));

  // And the page shows it.
  assert.deepEqual(await texts(page, ".smallest .line code"), required.scopes);
  await unfold(page, "part reasons");
  assert.deepEqual(await texts(page, ".scopes .scope code"), required.scopes);
  assert.equal(await page.locator("h2").innerText(), "Five scopes are enough");
  for (const { why } of plan.oneWayDoors) assert.ok(squeeze(await page.locator(".doors").innerText()).includes(why.text));
  for (const { message } of [...checked.findings, ...assessment.findings]) {
    await unfold(page, "part findings");
    await unfold(page, "rules");
    assert.ok(squeeze(await page.locator(".findings").innerText()).toLowerCase().includes(message.toLowerCase()), message);
  }
  await unfold(page, "whole");
  const steps = await texts(page, ".plan .steps > li");
  assert.equal(steps.length, plan.steps.length + plan.cautious.steps.length);
  const box = await page.locator(".doors").boundingBox();
  assert.ok(box.y < 900, "the one-way doors are on the first screen");
  await end();
});

test("the ticket and the e-mail are the library's, of the plan that was chosen, to copy and to save", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  await unfold(page, "more");
  await page.fill("#user", "ana@example.com");
  await page.fill("#sender", "Rob Hall, Acme");
  await settled(page);
  const { plan } = await data(page);
  assert.ok(plan.email.body.endsWith("\nRob Hall, Acme\n"));
  const copied = async (label) => {
    await page.getByRole("button", { name: label }).click();
    await page.locator("#announced").filter({ hasText: "Copied" }).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.equal(await copied("Copy the scopes"), plan.scopes.join(" "));
  // The recommended plan comes first, and is handed out unless the other is chosen.
  assert.equal(plan.recommended, "cautious");
  await page.getByRole("heading", { name: "The plan: remove nothing yet" }).waitFor();
  for (const [number, own] of [plan.cautious, plan].entries()) {
    // The texts of the other plan are folded below, with its steps.
    if (number > 0) {
      await unfold(page, "whole");
      await page.locator(".letters").first().evaluate((letters) => letters.remove());
    }
    const whole = `Subject: ${own.email.subject}\n\n${own.email.body}`;
    assert.deepEqual(await saved(page, "Save ticket.md"), { name: "ticket.md", text: own.markdown });
    assert.deepEqual(await saved(page, "Save email.txt"), { name: "email.txt", text: whole });
    assert.equal(await copied("Copy the ticket"), own.markdown);
    assert.equal(await copied("Copy the e-mail"), whole);
    const address = new URL(await page.getByRole("link", { name: "Open in mail" }).getAttribute("href"));
    assert.equal(address.pathname, encodeURIComponent("ana@example.com"));
    assert.deepEqual([address.searchParams.get("subject"), address.searchParams.get("body")], [own.email.subject, own.email.body]);
  }
  await page.getByText("Read the ticket").click();
  assert.equal(await page.getByRole("region", { name: "Change ticket" }).textContent(), plan.markdown);
  await end();
});

test("the reminder is a calendar with a whole day and alarms", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  const { name, text } = await saved(page, "Save reminder.ics");
  assert.equal(name, "reminder.ics");
  assert.equal(text.replaceAll("\r\n", "").search(/[\r\n]/), -1);
  assert.deepEqual(text.split("\r\n").filter((line) => Buffer.byteLength(line) > 75), []);
  const calendar = new ICAL.Component(ICAL.parse(text));
  assert.equal(calendar.getFirstPropertyValue("version"), "2.0");
  const component = calendar.getFirstSubcomponent("vevent");
  const event = new ICAL.Event(component);
  const { deadline } = assess({ scopes: "accounting.transactions", createdOn: "2025-03-17", on: TODAY });
  assert.equal(event.startDate.toString(), deadline.firstDay);
  assert.ok(event.startDate.isDate && event.endDate.isDate);
  assert.equal(event.duration.toSeconds(), 86_400);
  assert.match(event.uid, /\S+@\S+/);
  assert.equal(component.getFirstPropertyValue("dtstamp").toJSDate().toISOString(), `${TODAY}T12:00:00.000Z`);
  const rule = catalogue.rules.find((rule) => rule.id === deadline.rule);
  assert.ok(event.description.includes(rule.text) && event.description.includes(rule.more));
  const alarms = component.getAllSubcomponents("valarm");
  assert.ok(alarms.length > 0);
  for (const alarm of alarms) {
    assert.equal(alarm.getFirstPropertyValue("action"), "DISPLAY");
    assert.ok(alarm.getFirstPropertyValue("trigger").isNegative);
  }
  await end();
});

test("calls alone: the set for a new connection, and the rules about it", async () => {
  const { page, end } = await shared.open();
  await example(page, "fresh");
  const { asked, checked, required, assessment, plan } = await data(page);
  assert.equal(checked, undefined);
  assert.deepEqual(plan.steps.map(({ kind }) => kind), ["create", "authorise", "test"]);
  assert.equal(await page.locator(".letters").count(), 1);
  assert.deepEqual(assessment, plain(assess({ scopes: required.scopes, createdOn: "2026-11-02", region: "UK", on: TODAY })));
  assert.deepEqual(asked.scopes, []);
  assert.deepEqual(await texts(page, ".smallest .line code"), required.scopes);
  assert.equal(await page.locator(".doors").count(), 0);
  await end();
});

test("scopes alone: their ends, and a plan to all of their replacements", async () => {
  const { page, end } = await shared.open();
  await page.fill("#scopes", "accounting.transactions.read accounting.contacts");
  await page.fill("#created", "2025-02-01");
  await settled(page);
  const { plan } = await data(page);
  const [{ replacedBy }] = catalogue.scopes.filter(({ name }) => name === "accounting.transactions.read");
  assert.deepEqual(plan.scopes, ["accounting.contacts", ...replacedBy].sort());
  assert.deepEqual(await texts(page, ".smallest .line code"), plan.scopes);
  assert.equal(await page.locator(".matrix").count(), 0);
  await end();
});

test("a switch of the organisation is planned, with the scopes that the connection has if there are no calls", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  await unfold(page, "more");
  await page.check("#switch");
  await settled(page);
  const facts = { createdOn: "2025-03-17", region: "NZ", on: TODAY };
  let { asked, required, plan } = await data(page);
  assert.equal(asked.organisation, "switch");
  assert.deepEqual(plan, plain(planChange({ from: asked.scopes, to: required.scopes, organisation: "switch", ...facts })));
  assert.match(squeeze(await page.locator(".plan").innerText()), /chooses the other organisation/i);
  await page.fill("#calls", "");
  await settled(page);
  ({ asked, plan } = await data(page));
  assert.deepEqual(plan.scopes, asked.scopes);
  // A connection that is to be created has no organisation to switch from.
  await page.fill("#scopes", "");
  await page.fill("#calls", "GET /Invoices");
  await settled(page);
  ({ asked, plan } = await data(page));
  assert.equal(asked.organisation, undefined);
  assert.deepEqual(plan.steps.map(({ kind }) => kind), ["create", "authorise", "test"]);
  await end();
});

test("the findings are those of the library's review, and the plan shows its own", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  await page.selectOption("#region", "other");
  await settled(page);
  const { asked, plan } = await data(page);
  const { findings } = review({ scopes: asked.scopes, calls: { operations: asked.calls }, createdOn: "2025-03-17", region: "other", on: TODAY });
  const shown = (await page.locator(".findings-list .message").allTextContents()).map(squeeze);
  assert.equal(shown.length, findings.length);
  // The same findings in the same order, except that those of a rule stand together.
  for (const { message } of findings) assert.equal(shown.filter((text) => text.toLowerCase().startsWith(message.toLowerCase())).length > 0, true, message);
  const rules = await page.locator(".findings-list > li").evaluateAll((items) => items.map((item) => [item.className, item.querySelector(".cite").dataset.rule].join()));
  assert.deepEqual(rules, [...new Set(findings.map(({ severity, rule }) => [severity, rule].join()))]);
  assert.ok(plan.findings.length > 0);
  const cautions = squeeze((await page.locator(".plan > .caution").allTextContents()).join(" ")).toLowerCase();
  for (const { message } of plan.findings) assert.ok(cautions.includes(message.toLowerCase()), message);
  await end();
});

test("where no scope opens the calls there is no plan that removes all scopes", async () => {
  const { page, end } = await shared.open();
  await page.fill("#scopes", "accounting.contacts");
  await page.fill("#calls", "GET /connections");
  await settled(page);
  assert.equal(await page.locator("h2").innerText(), "No scope opens these calls");
  assert.equal((await data(page)).plan, undefined);
  assert.equal(await page.locator(".plan").count(), 0);
  assert.equal(await page.locator(".matrix").getByText("to remove").count(), 0);
  await end();
});

test("journals in use are kept, because only an older connection has them", async () => {
  const { page, end } = await shared.open();
  await example(page, "journals");
  const { plan, required } = await data(page);
  assert.deepEqual(required.kept.map(({ scope }) => scope), ["accounting.journals.read"]);
  assert.ok(plan.scopes.includes("accounting.journals.read"));
  assert.ok(!plan.keepsWorking.lost.some((key) => key === "accounting.getJournals"));
  await page.getByRole("heading", { name: "Kept because of what this connection is" }).waitFor();
  await page.getByRole("button", { name: "Copy the scopes" }).click();
  assert.ok((await page.evaluate(() => navigator.clipboard.readText())).includes("accounting.journals.read"));
  await end();
});

test("another set that is as small can be planned for", async () => {
  const { page, end } = await shared.open();
  await page.fill("#calls", "GET /Items");
  await settled(page);
  const { scopes, alternatives } = requiredScopes("GET /Items");
  assert.deepEqual((await data(page)).plan.scopes, scopes);
  await unfold(page, "alternatives");
  await page.getByRole("button", { name: "Plan with this set" }).click();
  await settled(page);
  // The heading has the focus, because the button is another one now.
  assert.equal(await page.evaluate(() => document.activeElement.id), "smallest-title");
  assert.deepEqual((await data(page)).plan.scopes, alternatives[0]);
  await page.getByRole("button", { name: "Plan with the first set again" }).click();
  await settled(page);
  assert.deepEqual((await data(page)).plan.scopes, scopes);
  await end();
});

test("the matrix shows which scope allows which call, and the reason on demand", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  await unfold(page, "part matrix");
  const table = page.locator(".matrix table");
  const { asked, plan } = await data(page);
  assert.deepEqual((await table.locator("thead th").allTextContents()).slice(1), ["Today", "Afterwards"]);
  const rows = await table.locator("tbody tr:not(.reason)").evaluateAll((rows) => rows.map((row) => [row.querySelector("th code").textContent, [...row.querySelectorAll("td")].map((cell) => [...cell.querySelectorAll("code")].map((scope) => scope.textContent))]));
  assert.equal(rows.length, 7);
  for (const [call, cells] of rows) {
    for (const [at, scopes] of [asked.scopes, plan.scopes].entries()) {
      const opening = scopes.filter((scope) => checkScopes({ scopes: scope, calls: call, createdOn: "2025-03-17", on: TODAY }).allowed);
      assert.deepEqual(cells[at], opening, `${call}, ${at === 0 ? "today" : "afterwards"}`);
    }
  }
  const button = table.getByRole("button", { name: "GET /Items" });
  await button.focus();
  await page.keyboard.press("Enter");
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  const why = await page.locator("#why-accounting\\.getItems").innerText();
  assert.match(squeeze(why), /GET \/api\.xro\/2\.0\/Items is opened by accounting\.settings.*R28.*line 5/i);
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#why-accounting\\.getItems").isVisible(), false);
  await end();
});

test("a refused call is marked as refused", async () => {
  const { page, end } = await shared.open();
  await page.fill("#scopes", "accounting.contacts.read");
  await page.fill("#calls", "GET /Contacts\nPOST /Contacts");
  await settled(page);
  await unfold(page, "part matrix");
  await page.locator(".grid .refused").waitFor();
  assert.equal(await page.locator(".grid .refused").count(), 1);
  await page.getByRole("button", { name: /POST \/Contacts/ }).click();
  await page.getByText("Any one of these would open it: accounting.contacts.").waitFor();
  await end();
});

test("the picture counts what the library counts, in words too", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  await unfold(page, "part picture");
  const { plan, asked } = await data(page);
  const { kept, gained, lost } = plan.keepsWorking;
  const bars = (await texts(page, ".bars .count")).map((text) => Number(/^[\d,]+/.exec(text)[0].replace(",", "")));
  assert.deepEqual(bars, [kept + lost.length, kept + gained.length, asked.calls.length]);
  const units = (kind) => page.locator(`.resources .unit.${kind}`).count();
  assert.equal(await units("closed"), lost.length);
  assert.equal((await units("open")) + (await units("called")), kept + gained.length);
  assert.equal(await units("called"), asked.calls.length);
  const spoken = await page.locator(".resources .away").allTextContents();
  const said = (words) => spoken.reduce((sum, text) => sum + Number(new RegExp(`(\\d+) ${words}(;|$)`).exec(text)?.[1] ?? 0), 0);
  assert.equal(said("open today only"), lost.length);
  assert.equal(said("called"), asked.calls.length);
  await end();
});

test("the time line has today between the past dates and the coming ones", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  const days = await page.locator(".line time").evaluateAll((times) => times.map((time) => time.dateTime));
  const rules = catalogue.rules.filter(({ apps }) => apps.includes("custom"));
  const ends = rules.flatMap(({ until, untilReported }) => (until ? [`${until}-01`, untilReported ?? []].flat() : []));
  assert.equal(ends.length, 3, "classic expenses, broad scopes and the day that is reported for these");
  const from = rules.find((rule) => rule.from).from;
  assert.deepEqual(days, ["2025-03-17", from, TODAY, ...ends.sort()]);
  assert.equal(await page.locator(".line [aria-current=date] time").getAttribute("datetime"), TODAY);
  await end();
});

test("an error about the scopes alone is counted at the top", async () => {
  const { page, end } = await shared.open();
  await page.fill("#scopes", "accounting.transactions");
  await page.fill("#created", "2026-06-01");
  await settled(page);
  assert.match(squeeze(await page.locator(".figures").innerText()), /1 error/);
  await page.getByRole("link", { name: "error", exact: true }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "findings-title");
  await end();
});

test("one click settles an unresolved call, another opens it again", async () => {
  const { page, end } = await shared.open();
  await example(page, "log");
  const { unresolved } = requiredScopes(await page.inputValue("#calls"));
  assert.equal(unresolved.length, 1);
  const part = page.locator(".part.unresolved");
  assert.match(squeeze(await part.innerText()), new RegExp(`Invoicez is no operation of the catalogue line ${unresolved[0].line}`));
  assert.equal(await part.locator(".candidates button").count(), unresolved[0].candidates.length);
  const before = (await data(page)).asked.calls;
  await part.getByRole("button", { name: "POST /Invoices" }).click();
  await settled(page);
  assert.deepEqual((await data(page)).asked.calls.filter((key) => !before.includes(key)), ["accounting.updateOrCreateInvoices"]);
  assert.equal(await part.locator(".candidates").count(), 0);
  await part.getByRole("button", { name: "Undo" }).click();
  await settled(page);
  assert.deepEqual((await data(page)).asked.calls, before);
  await end();
});

test("an answer from a recording states in its heading and beside it what it rests on, and so does a link to it", async () => {
  const { page, end } = await shared.open();
  const usage = new UsageRecorder();
  usage.request("GET", "https://api.xero.com/api.xro/2.0/Invoices");
  await page.fill("#scopes", "accounting.invoices.read accounting.contacts");
  await page.fill("#calls", usage.text());
  await settled(page);
  assert.equal(await page.locator("h2").innerText(), "One scope is enough for what ran while it was recorded");
  const words = /known from 1 recording alone, which watched 1 process for .*: calls that did not run meanwhile are missing/;
  assert.match(await page.locator("p.read").innerText(), words);
  const { asked, required, plan } = await data(page);
  assert.deepEqual(asked.recorded.operations, ["accounting.getInvoices"]);
  assert.equal(required.recorded.only, 1);
  assert.match(plan.markdown, /rest on a recording/);

  const [watched] = asked.recorded.watched;
  const fragment = `#v=1&on=${TODAY}&scopes=accounting.invoices.read&calls=accounting.getInvoices&recorded=accounting.getInvoices`;
  const linked = await shared.open({}, `${fragment}&watched=${watched.processes}_${watched.seconds}_${watched.from}_${watched.until}`);
  await settled(linked.page);
  assert.match(await linked.page.locator("p.read").innerText(), words);
  await linked.end();
  await end();
});

test("unread places and assumed methods are in the heading, and no scope is unused because of them", async () => {
  const { page, end } = await shared.open();
  await page.fill("#scopes", "accounting.invoices.read accounting.contacts");
  await page.fill("#calls", "/Invoices");
  await settled(page);
  assert.equal(await page.locator("h2").innerText(), "One scope is enough if calls without a method only read");
  let { checked, asked } = await data(page);
  assert.deepEqual([checked.verdict, asked.assumed], ["allowedIfReading", ["accounting.getInvoices"]]);
  assert.match(await page.locator("p.read").innerText(), /The method|the method of 1 call is not written, so GET is assumed/);

  await page.fill("#calls", "GET /Invoices\nbase = \"https://api.xero.com/api.xro/2.0\";\nGET /Nonsense");
  await settled(page);
  // The configured scope stays, because what was not read may need it.
  assert.equal(await page.locator("h2").innerText(), "Two scopes are enough for what was read");
  ({ checked, asked } = await data(page));
  assert.ok(asked.unread >= 1);
  assert.deepEqual([checked.verdict, checked.unused], ["unknown", []]);
  assert.equal(checked.findings.filter(({ kind }) => kind === "unused").length, 0);

  await page.fill("#calls", "GET /Nonsense");
  await settled(page);
  assert.notEqual(await page.locator("h2").innerText(), "No scope opens these calls");
  await end();
});

test("one click mends an unknown scope", async () => {
  const { page, end } = await shared.open();
  await example(page, "log");
  await page.getByText("accounting.paymnts is not in the catalogue.").waitFor();
  await page.getByRole("button", { name: "Use accounting.payments" }).click();
  await settled(page);
  assert.equal(await page.inputValue("#scopes"), "accounting.invoices accounting.payments accounting.contacts.read offline_access");
  assert.equal(await page.getByText("is not in the catalogue").count(), 0);
  await end();
});

test("an empty box, unknown names and invalid days get a message", async () => {
  const { page, end } = await shared.open();
  await page.getByRole("heading", { name: "Which permissions does your software need in Xero?" }).waitFor();
  await page.fill("#calls", "Dear all, nothing here is a call.");
  await page.getByText("No call was found in this text. Ignored: 1 line without a call.").waitFor();
  await page.fill("#calls", "GET /Invoicez");
  await page.getByRole("heading", { name: "No call is known" }).waitFor();
  await page.fill("#calls", "GET /Invoices");
  await settled(page);
  await page.locator("#created").focus();
  await page.keyboard.type("12"); // A day that is begun and not finished.
  await page.locator("#calls").focus();
  await page.getByText("There is no such day.").waitFor();
  assert.equal(await page.locator("#created").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator(".verdict").count(), 0);
  await page.fill("#created", "2030-01-01");
  const ahead = `Created on 2030-01-01 is after ${TODAY}, the day of the answer; give the day on which the connection was created.`;
  await page.locator("#created-said").getByText(ahead).waitFor();
  await page.locator("#answer").getByText(`There is no answer: ${ahead}`).waitFor();
  assert.equal(await page.locator("#created").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator(".verdict").count(), 0);
  await page.fill("#created", "");
  await page.fill("#on", "");
  await page.getByText("An answer needs a day.").waitFor();
  await page.fill("#on", TODAY);
  await settled(page);
  await page.locator(".verdict").waitFor();
  await page.getByRole("button", { name: "Clear everything" }).click();
  await page.getByRole("heading", { name: "Which permissions does your software need in Xero?" }).waitFor();
  await end();
});

test("all operations at once: the first rows, and the rest on demand", async () => {
  const { page, end } = await shared.open();
  await page.fill("#calls", catalogue.operations.map(({ key }) => key).join("\n"));
  await settled(page);
  await unfold(page, "part matrix");
  const rows = page.locator(".matrix tbody tr:not(.reason)");
  const first = await rows.count();
  assert.ok(first > 0 && first < catalogue.operations.length);
  await page.getByRole("button", { name: `Show all ${catalogue.operations.length} operations` }).click();
  assert.equal(await rows.count(), catalogue.operations.length);
  await end();
});

test("pasted markup stays text", async () => {
  const { page, end } = await shared.open();
  await page.fill("#scopes", 'accounting.invoices <img src=x onerror="window.hit=1">');
  await page.fill("#calls", 'GET /<b>Invoices</b>\nGET /<script>window.hit=1</script>\nGET /Invoicez"><svg onload=window.hit=1>');
  await unfold(page, "more");
  await page.fill("#user", "<b>Ana</b>");
  await settled(page);
  assert.equal(await page.locator("#answer img, #answer svg, #answer script, #answer b, #question img").count(), 0);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  await end();
});

test("the answer prints as a ticket on A4", async () => {
  const { page, end } = await shared.open();
  await example(page, "broad");
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  assert.match(pdf.toString("latin1"), /\/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/);
  await page.emulateMedia({ media: "print" });
  for (const part of [".doors", ".smallest", ".findings", ".plan"]) assert.ok(await page.locator(part).isVisible(), part);
  for (const part of ["#question", ".letters", ".contents"]) assert.ok(!(await page.locator(part).first().isVisible()), part);
  assert.equal(await page.locator("button:visible:not(.cite, .term)").count(), 0);
  await end();
});

test("what to do by when is the library's, with the day that third parties report", async () => {
  const { page, end } = await shared.open();
  await page.fill("#scopes", "accounting.transactions");
  await page.fill("#created", "2025-02-01");
  await settled(page);
  const { due } = review({ scopes: "accounting.transactions", createdOn: "2025-02-01", on: TODAY });
  assert.deepEqual(due.map(({ deadline }) => deadline.date), ["2027-02", "2027-09"]);
  const tasks = (await texts(page, ".tasks > li")).map(squeeze);
  assert.equal(tasks.length, due.length);
  for (const [place, { what, deadline }] of due.entries()) {
    assert.ok(tasks[place].toLowerCase().includes(what.text.toLowerCase()), what.text);
    assert.ok(tasks[place].includes(`${deadline.daysLeft} days`));
  }
  assert.match(tasks[1], /^By September 2027 .*Third parties report 13 September 2027/);
  await end();
});

test("ticks of the picker are the lines of the box, both ways", async () => {
  const { page, end } = await shared.open();
  await page.getByRole("button", { name: "Pick what my software does" }).click();
  const tick = (verb, topic) => page.getByRole("checkbox", { name: `My software ${verb} ${topic}`, exact: true });
  await tick("reads", "Payments").check();
  await tick("changes", "Contacts: customers and suppliers").check();
  await settled(page);
  const { reads } = catalogue.topics.find(({ name }) => name === "Payments");
  const { changes } = catalogue.topics.find(({ name }) => name === "Contacts: customers and suppliers");
  assert.deepEqual((await data(page)).asked.calls.sort(), [...reads, ...changes].sort());
  assert.deepEqual((await data(page)).required.scopes, ["accounting.contacts", "accounting.payments.read"]);
  assert.match(await page.inputValue("#calls"), /^GET \/Payments$/m);
  await tick("reads", "Payments").uncheck();
  await settled(page);
  assert.deepEqual((await data(page)).asked.calls.sort(), [...changes].sort());
  await page.fill("#calls", (await page.inputValue("#calls")).replace("PUT /Contacts", ""));
  assert.ok(!(await tick("changes", "Contacts: customers and suppliers").isChecked()));
  await end();
});
