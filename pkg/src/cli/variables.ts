/** The environment variables of a local Xero, as lines of a shell and in other forms. */

import type { Simulator } from "xero-m2m/simulator";
import type { Trust } from "./trust.js";

/** The forms in which variables are written. */
export const FORMS = ["shell", "dotenv", "json", "powershell"] as const;
export type Form = (typeof FORMS)[number];

/** The kinds of app of a local Xero. */
export const KINDS = ["custom", "web", "pkce"] as const;
export type Kind = (typeof KINDS)[number];

/** Variables to set; `undefined` for one that must not be set. */
export type Variables = Record<string, string | undefined>;

const TITLES: Record<Kind, string> = {
  custom: "Custom connection",
  web: "Web app, to which users consent; also for the app itself.",
  pkce: "PKCE app, to which users consent; it has no secret.",
};

/** The variables of an app. */
export function variablesOf(simulator: Simulator, kind: Kind): Variables {
  if (kind === "custom") return simulator.env;
  return kind === "web" ? simulator.web.env : { XERO_CLIENT_SECRET: undefined, ...simulator.pkce.env };
}

/** The variables by which programs use the proxy at `url` and trust its certificate. */
export function proxied(url: string, files: Trust): Variables {
  const local = "localhost,127.0.0.1,::1";
  return {
    // Some programs read only one of the two spellings, or prefer the small one.
    ...{ HTTPS_PROXY: url, https_proxy: url, NO_PROXY: local, no_proxy: local },
    NODE_USE_ENV_PROXY: "1",
    ...trusted(files),
  };
}

/** The variables by which programs trust the certificate. */
export function trusted({ added, whole }: Trust): Variables {
  // curl prefers a variable of its own.
  return { NODE_EXTRA_CA_CERTS: added, REQUESTS_CA_BUNDLE: whole, SSL_CERT_FILE: whole, CURL_CA_BUNDLE: whole };
}

/** Programs that ignore variables of the proxy, and the line of code that does instead; docs/other-clients.md has the trials. */
const INSTEAD = [
  ["fetch of Node.js before 24", 'undici: setGlobalDispatcher(new EnvHttpProxyAgent())'],
  ["node:https, axios and xero-node before Node.js 24.5", 'https.globalAgent = new HttpsProxyAgent(process.env.HTTPS_PROXY), of https-proxy-agent'],
  ["urllib3 of Python, as xero-python uses it", 'configuration.proxy = os.environ["HTTPS_PROXY"]; configuration.ssl_ca_cert = os.environ["SSL_CERT_FILE"]'],
] as const;

/** Everything that is printed at the start. */
export function printed(simulator: Simulator, form: Form, kind: Kind | undefined, extra: Variables, files: Trust | undefined, url: string): string {
  if (form === "json") return `${JSON.stringify(defined({ ...variablesOf(simulator, kind ?? "custom"), ...extra }), null, 2)}\n`;
  const lines = (variables: Variables) => Object.entries(variables).map(([name, value]) => `${LINE[form](name, value)}\n`).join("");
  const { organisations, createdOn, scopes } = simulator;
  const kinds = kind ? [kind] : form === "dotenv" ? (["custom"] as const) : KINDS;
  const title = (one: Kind) => (one === "custom" ? `${TITLES.custom} of ${createdOn} with ${scopes.length} scopes.` : TITLES[one]);
  const names = organisations.map(({ name }) => name).join(", ");
  const head =
    "# A local imitation of Xero, for tests. It is not Xero, and nothing leaves this machine.\n" +
    `# ${names}, at ${url} until Ctrl-C.${kinds.length > 1 ? " Paste the lines of one kind of app." : ""}\n`;
  const apps = kinds.map((one) => `\n# ${title(one)}\n${lines(variablesOf(simulator, one))}`).join("");
  if (!files) return head + apps;
  const instead = "HTTPS_PROXY" in extra ? `# Programs that ignore these variables, and the code instead:\n${INSTEAD.map(([program, code]) => `# - ${program}: ${code}\n`).join("")}` : "";
  return `${head}${apps}\n# ${"HTTPS_PROXY" in extra ? PROXY : SECURE} The certificate ends at ${files.ends}.\n${lines(extra)}${instead}`;
}

const PROXY = "The proxy answers for identity.xero.com, login.xero.com and api.xero.com, and refuses every other host.";
const SECURE = "The address has a certificate that is good for this machine alone.";

const PLAIN = /^[\w@%+=:,./-]*$/;

/** A line that sets a variable, or makes sure that it is not set. */
const LINE: Record<Exclude<Form, "json">, (name: string, value: string | undefined) => string> = {
  shell: (name, value) => (value === undefined ? `unset ${name}` : `export ${name}=${quotedFor(value, (text) => `'${text.replaceAll("'", "'\\''")}'`)}`),
  dotenv: (name, value) => (value === undefined ? `# ${name} must not be set.` : `${name}=${quotedFor(value, (text) => `'${text}'`)}`),
  powershell: (name, value) =>
    value === undefined ? `Remove-Item Env:${name} -ErrorAction Ignore` : `$env:${name} = '${value.replaceAll("'", "''")}'`,
};

function quotedFor(value: string, quote: (text: string) => string): string {
  return PLAIN.test(value) ? value : quote(value);
}

function defined(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}
