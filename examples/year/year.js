// Lives through a year of a small business in a local Xero, and compares its reports with the totals that were added up by hand.
import { readFileSync } from "node:fs";
import { CustomConnection } from "xero-m2m";
import { createSimulator } from "xero-m2m/simulator";
import { live } from "./business.js";

const READS = ["trialbalance", "profitandloss", "balancesheet", "banksummary", "aged", "executivesummary"];
const WRITES = ["invoices", "payments", "banktransactions", "manualjournals", "contacts", "settings"];
const scopes = [...WRITES.map((name) => `accounting.${name}`), ...READS.map((name) => `accounting.reports.${name}.read`)];

// Books without any document.
const local = createSimulator({ company: {}, scopes: scopes.join(" ") });
const xero = new CustomConnection({
  clientId: local.clientId,
  clientSecret: local.clientSecret,
  fetch: local.fetch,
});

/** @typedef {{ RowType: string, Rows?: Row[], Cells?: { Value: string }[] }} Row */

await live(async (path, record) => {
  const list = path.split("/").at(-1) ?? "";
  /** @type {Record<string, Record<string, string>[]>} */
  const answer = await xero.json("PUT", path, { [list]: [record] }, { idempotencyKey: true });
  return answer[list]?.[0] ?? {};
});

/** @type {(rows: Row[]) => string[][]} */
const cells = (rows) =>
  rows.flatMap((row) => [...(row.Cells ? [row.Cells.map((cell) => cell.Value)] : []), ...cells(row.Rows ?? [])]);

/** @type {Map<string, string[][]>} */
const reports = new Map();

/**
 * The cells of a report.
 * @param {string} path
 */
async function report(path) {
  /** @type {{ Reports: { Rows: Row[] }[] }} */
  const answer = await xero.json("GET", `/Reports/${path}`);
  const found = cells(answer.Reports[0]?.Rows ?? []);
  reports.set(path, found);
  return found;
}

// The table of README.md: a report, a row, a column, and the amount that it has to have.
const README = readFileSync(new URL("README.md", import.meta.url), "utf8");
const expected = README.matchAll(/^\| `(?<path>[^`]+)` \| (?<row>[^|]+) \| (?<column>\d) \| (?<amount>[-\d.,]+) \|/gm);
let wrong = 0;
let count = 0;
for (const { groups } of expected) {
  const { path = "", row = "", column = "", amount = "" } = groups ?? {};
  const found = (reports.get(path) ?? (await report(path))).find(([title]) => title === row)?.[Number(column)];
  const [own, other] = [Number(amount.replaceAll(",", "")), Number(found ?? "0")];
  count += 1;
  if (own === other) continue;
  wrong += 1;
  console.log(`${path}, ${row}: ${other} instead of ${own}`);
}
console.log(`${count - wrong} of ${count} totals are as they were added up by hand`);
process.exitCode = count > 0 && wrong === 0 ? 0 : 1;
