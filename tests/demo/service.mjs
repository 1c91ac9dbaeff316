import { version } from "xero-m2m";

console.log(`xero-m2m ${version} against ${process.env.XERO_API_URL}`);
