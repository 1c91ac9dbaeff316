// What a program costs the compiler: without types of Xero's APIs, with those of accounting, and with openapi-fetch and the same file.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { count, median, node, note, ratio, table } from "./measure.mjs";

const RUNS = 5;
const OPTIONS = "--noEmit --strict --skipLibCheck --module nodenext --target es2022 --lib es2022 --types node --extendedDiagnostics".split(" ");
const CLIENT = `import { CustomConnection } from "xero-m2m";\n`;
const PATHS = `import createClient from "openapi-fetch";\nimport type { paths } from "xero-m2m/types/accounting";\n`;
const BODY = `{ Invoices: [{ Type: "ACCREC", Contact: { Name: "Kea Outdoor Hire" } }] }`;

/** The same calls: a list, another list, a write, and one record. */
const PROGRAMS = {
  "no types of an API": `${CLIENT}const xero = new CustomConnection({ clientId: "", clientSecret: "" });
const { Invoices } = await xero.json<{ Invoices: { AmountDue: number }[] }>("GET", "/Invoices?page=1");
const { Contacts } = await xero.json<{ Contacts: { Name: string }[] }>("GET", "/Contacts");
await xero.json("POST", "/Invoices", ${BODY});
const one = await xero.json<{ Items: { Code: string }[] }>("GET", \`/Items/\${Contacts[0]}\`);
console.log(Invoices[0]?.AmountDue, Contacts[0]?.Name, one.Items[0]?.Code);\n`,
  "CustomConnection<AccountingApi>": `${CLIENT}import type { AccountingApi } from "xero-m2m/types/accounting";
const xero = new CustomConnection<AccountingApi>({ clientId: "", clientSecret: "" });
const { Invoices } = await xero.json("GET", "/Invoices?page=1");
const { Contacts } = await xero.json("GET", "/Contacts");
await xero.json("POST", "/Invoices", ${BODY});
const one = await xero.json("GET", \`/Items/\${Contacts?.[0]?.Name}\`);
console.log(Invoices?.[0]?.AmountDue, Contacts?.[0]?.Name, one.Items?.[0]?.Code);\n`,
  "openapi-fetch": `${CLIENT}${PATHS}const xero = new CustomConnection({ clientId: "", clientSecret: "" });
const client = createClient<paths>({ fetch: xero.fetch });
const { Invoices } = (await client.GET("/Invoices", { params: { query: { page: 1 } } })).data ?? {};
const { Contacts } = (await client.GET("/Contacts")).data ?? {};
await client.POST("/Invoices", { body: ${BODY} });
const one = (await client.GET("/Items/{ItemID}", { params: { path: { ItemID: "" } } })).data;
console.log(Invoices?.[0]?.AmountDue, Contacts?.[0]?.Name, one?.Items?.[0]?.Code);\n`,
};

const folder = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "compiled");
mkdirSync(folder, { recursive: true });
const found = new Map(Object.keys(PROGRAMS).map((name, at) => [name, { file: join(folder, `${at}.mts`), runs: [] }]));
try {
  for (const [name, { file }] of found) writeFileSync(file, PROGRAMS[name]);
  // In turn, so that a slow moment of the machine falls on all alike.
  for (let run = 0; run < RUNS; run++) {
    for (const { file, runs } of found.values()) {
      const text = node("node_modules/typescript/bin/tsc", ...OPTIONS, file);
      const number = (name) => Number(text.match(new RegExp(`^${name}: +([\\d.]+)`, "m"))[1]);
      runs.push({ seconds: number("Total time"), types: number("Types"), instantiations: number("Instantiations") });
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
const results = [...found].map(([name, { runs }]) => ({ name, ...runs[0], seconds: median(runs.map(({ seconds }) => seconds)) }));
table(
  "tsc, four calls",
  ["time", "types", "instantiations"],
  results.map(({ name, seconds, types, instantiations }) => [name, `${seconds.toFixed(2)} s`, count(types), count(instantiations)]),
);
const [none, typed, other] = results;
note(`accounting adds ${(typed.seconds - none.seconds).toFixed(2)} s and ${count(typed.types - none.types)} types, ${ratio(typed.types - none.types, other.types - none.types)} of what openapi-fetch adds`);
