// Connections of users: what callers may write, and what the compiler has to refuse.
import type { AccessToken } from "xero-m2m";
import { telemetry } from "xero-m2m/opentelemetry";
import { type Organisation, UserConnection, type UserConnectionOptions } from "xero-m2m/user";

declare const vault: UserConnectionOptions["vault"];
const xero = new UserConnection({ clientId: "id", clientSecret: "secret", vault, onEvent: (event) => event.type === "vault.saved" && event.generation });
const watched = new UserConnection({ clientId: "id", clientSecret: "secret", vault, onEvent: telemetry() });
const pkce = new UserConnection({ clientId: process.env["ID"], key: ["new", "old"], vault, tenant: "Kea Outdoor Hire", limits: { inFlight: 2 } });
// @ts-expect-error the vault is missing
new UserConnection({ clientId: "id", clientSecret: "secret" });
// @ts-expect-error a login has the scopes that it was given
new UserConnection({ clientId: "id", clientSecret: "secret", vault, scopes: ["files"] });
const token: AccessToken = await xero.token();
const names: string[] = (await pkce.tenants()).map(({ name }: Organisation) => name);
const { Invoices } = await xero.forTenant("t").json<{ Invoices: object[] }>("GET", "/Invoices");
for await (const { InvoiceID } of xero.pages<{ InvoiceID: string }>("/Invoices")) InvoiceID.length;
await xero.keepAlive();
await xero.close();
export { Invoices, names, token, watched };
