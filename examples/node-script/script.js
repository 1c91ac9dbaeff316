// Invoices a customer. With the key it stays one invoice, even if the answer is lost and the request is sent again.
const { CustomConnection } = require("xero-m2m");

const xero = new CustomConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

async function main() {
  const invoice = {
    Type: "ACCREC",
    Contact: { Name: "Kea Outdoor Hire" },
    LineItems: [{ Description: "Tent", Quantity: 1, UnitAmount: 90 }],
  };
  /** @type {{ Invoices: { InvoiceNumber: string }[] }} */
  const { Invoices } = await xero.json("POST", "/Invoices", { Invoices: [invoice] }, { idempotencyKey: true });
  console.log(Invoices[0].InvoiceNumber);
}

main().catch((error) => {
  // After a lost answer the message states whether the invoice may exist, and how to find out.
  console.error(error.message);
  process.exitCode = 1;
});
