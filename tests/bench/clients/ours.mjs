// xero-m2m.
import { CustomConnection } from "xero-m2m";
import { clientId, clientSecret, fetch } from "../stub.mjs";

export default function make() {
  const xero = new CustomConnection({ clientId, clientSecret, fetch });
  return { token: () => xero.token(), invoices: () => xero.fetch("/Invoices?page=1"), close: () => xero.close() };
}
