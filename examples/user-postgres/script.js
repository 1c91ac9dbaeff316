// Prints the number of the latest invoice. A Web app; its login is in Postgres (PGHOST and so on), shared by every machine.
// Once: npx xero-m2m login --postgres
import pg from "pg";
import { TABLE, postgres } from "xero-m2m/postgres";
import { UserConnection } from "xero-m2m/user";

const pool = new pg.Pool();
await pool.query(TABLE); // or put it into a migration

const xero = new UserConnection({
  clientId: process.env.XERO_CLIENT_ID,
  clientSecret: process.env.XERO_CLIENT_SECRET,
  vault: postgres((text, values) => pool.query(text, values)),
  identityUrl: process.env.XERO_IDENTITY_URL,
  apiUrl: process.env.XERO_API_URL,
});

/** @typedef {{ Invoices: { InvoiceNumber: string }[] }} Answer */
/** @type {Answer} */
const { Invoices } = await xero.json("GET", "/Invoices?page=1&pageSize=1&order=Date DESC");
console.log(Invoices[0]?.InvoiceNumber);
await xero.close();
await pool.end();
