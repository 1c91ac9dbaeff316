// Xero's own SDK for Node.js by every method: plan.json has the values and the bodies.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { XeroClient } from "xero-node";
import { end, say } from "./say.mjs";

const require = createRequire(import.meta.url);
const APIS = {
  accounting: ["accountingApi", "accounting"],
  appStore: ["appStoreApi", "appstore"],
  assets: ["assetApi", "assets"],
  bankFeeds: ["bankFeedsApi", "bankfeeds"],
  files: ["filesApi", "files"],
  finance: ["financeApi", "finance"],
  payrollAu: ["payrollAUApi", "payroll-au"],
  payrollAuV2: ["payrollAUV2Api", "payroll-au-v2"],
  payrollNz: ["payrollNZApi", "payroll-nz"],
  payrollUk: ["payrollUKApi", "payroll-uk"],
  projects: ["projectApi", "projects"],
};
const plain = (name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

const xero = new XeroClient({ clientId: process.env.XERO_CLIENT_ID, clientSecret: process.env.XERO_CLIENT_SECRET, grantType: "client_credentials", httpTimeout: 30_000 });
try {
  await xero.getClientCredentialsToken();
  await say("getClientCredentialsToken");
} catch (error) {
  await say("getClientCredentialsToken", wordsOf(error));
}

for (const { api, id, values, body } of JSON.parse(readFileSync("plan.json", "utf8"))) {
  const [member, folder] = APIS[api] ?? [];
  const owner = xero[member];
  const method = owner && Object.getOwnPropertyNames(Object.getPrototypeOf(owner)).find((name) => plain(name) === plain(id));
  if (!method) continue;
  try {
    const source = owner[method].toString();
    const names = /function\* \(([^)]*?)(?:, )?options = /.exec(source)[1].split(", ").filter(Boolean);
    const { ObjectSerializer } = require(`xero-node/dist/gen/model/${folder}/models`);
    const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [plain(name), value]));
    const model = (name) => new RegExp(`serialize\\(${name}, "([\\w<>]+)"\\)`).exec(source)?.[1];
    const isNeeded = (name) => source.includes(`required parameter '${name}'`);
    const valueOf = (name) => {
      if (name === "xeroTenantId") return process.env.LOCAL_TENANT;
      if (plain(name) in given) return given[plain(name)];
      if (name === "body" && source.includes("bodyStream")) return Readable.from([Buffer.from("kayak")]);
      if (/^body$|^name$|^filename$|^mimeType$/.test(name) && isNeeded(name)) return name === "mimeType" ? "text/plain" : "kayak.txt";
      if (name === "contentType") return "text/plain";
      if (body !== undefined && isNeeded(name)) return ObjectSerializer.deserialize(body, model(name) ?? "any");
      return undefined;
    };
    await owner[method](...names.map(valueOf));
    await say(`${api}.${method}`);
  } catch (error) {
    await say(`${api}.${method}`, wordsOf(error));
  }
}

end();

/** The SDK throws a text with JSON for an answer with a status of 400 or more. */
function wordsOf(error) {
  return error?.message ?? error;
}
