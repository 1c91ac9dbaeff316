// A small service, as a user would have written it: it reads and writes accounting data, and has no token code at all.
import { CustomConnection, XeroError } from "xero-m2m";

const xero = new CustomConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

// Who are we connected to, and what may we do?
const { Organisations } = await xero.json("GET", "/Organisation");
const [organisation] = Organisations;
show("Connected to", `${organisation.Name} (${organisation.CountryCode}, ${organisation.BaseCurrency})`);

const token = await xero.token();
show("Granted", ...token.scopes);
show("Token ends", `${time(token.expiresAt)}, in ${Math.round((token.expiresAt - Date.now()) / 60_000)} minutes`);

// Read every invoice, page by page.
const totals = { ACCREC: [0, 0], ACCPAY: [0, 0] };
for await (const { Type, Total } of xero.pages("/Invoices")) {
  totals[Type][0] += 1;
  totals[Type][1] += Total;
}
show(
  "Read",
  `${count(totals.ACCREC[0])} invoices to customers, ${money(totals.ACCREC[1])} in all`,
  `${count(totals.ACCPAY[0])} bills from suppliers, ${money(totals.ACCPAY[1])} in all`,
);

// Write one. The key makes it safe to send again if no answer comes.
const written = await xero.json(
  "POST",
  "/Invoices",
  {
    Type: "ACCREC",
    Contact: { Name: "Kea Outdoor Hire" },
    LineItems: [{ Description: "Consulting, November", Quantity: 3, UnitAmount: 180, AccountCode: "200" }],
  },
  { headers: { "Idempotency-Key": crypto.randomUUID() } },
);
const [invoice] = written.Invoices;
show("Wrote", `${invoice.InvoiceNumber} to ${invoice.Contact.Name}, ${invoice.Status}, ${money(invoice.Total)}`);

// This connection has no payroll scope, so the call is refused before it is sent.
try {
  await xero.fetch("/payroll.xro/2.0/Employees");
} catch (error) {
  if (!(error instanceof XeroError)) throw error;
  show("Refused", error.message, `scope ${error.scopes[0]}, operation ${error.operation}, rule ${error.rule}`);
}

// Half an hour later at Xero: the token has expired there, and the next call renews it on the way.
await fetch(`${process.env.XERO_API_URL}/simulator/advance?ms=${31 * 60_000}`, { method: "POST" });
const response = await xero.fetch("/Organisation");
const renewed = await xero.token();
show(
  "Renewed",
  `after 31 minutes on the clock of the local Xero the next call answers ${response.status}`,
  renewed.accessToken === token.accessToken ? "with the same token" : "with a new token",
);

const seen = await (await fetch(`${process.env.XERO_API_URL}/simulator`)).json();
show("Requests", `${seen.tokenRequests} for tokens and ${seen.apiRequests} to the API, as the local Xero counted them`);
xero.close();

function show(title, ...lines) {
  for (const [row, line] of lines.flatMap(wrapped).entries()) console.log(`  ${(row ? "" : title).padEnd(14)}${line}`);
}

function wrapped(text) {
  return text.match(/.{1,88}(?: |$)/g);
}

function count(number) {
  return number.toLocaleString("en");
}

function money(amount) {
  return amount.toLocaleString("en", { style: "currency", currency: organisation.BaseCurrency });
}

function time(ms) {
  return new Date(ms).toLocaleTimeString("en", { hour12: false });
}
