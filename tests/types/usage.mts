// What callers may write, and what the compiler has to refuse.
import {
  type AccessToken,
  type CallInit,
  CustomConnection,
  type CustomConnectionOptions,
  type FleetOptions,
  type KnownScope,
  type StoredToken,
  type TokenStore,
  XeroError,
  type XeroErrorBlame,
  type XeroErrorCode,
  catalogueVersion,
  version,
} from "xero-m2m";
import { postgres } from "xero-m2m/postgres";
import { withFleet } from "xero-m2m/shared";
import {
  type Catalogue,
  type CheckedScopes,
  type Confidence,
  type FindingKind,
  type ParsedScopes,
  assess,
  catalogue,
  checkScopes,
  parseScopes,
  planChange,
  requiredScopes,
  review,
} from "xero-m2m/policy";
import { type DoctorQuestion, type Health, diagnose } from "xero-m2m/doctor";
import { type Simulator, type SimulatorApp, type SimulatorCounts, createSimulator } from "xero-m2m/simulator";

const text: string = version + catalogueVersion;
// @ts-expect-error it is not `any`
const number: number = version;

const tokens = new Map<string, StoredToken>();
const store: TokenStore = {
  load: (key) => tokens.get(key),
  save: async (key, token) => void tokens.set(key, token),
  erase: (key) => void tokens.delete(key),
};

const options: CustomConnectionOptions = {
  clientId: "id",
  clientSecret: async () => "secret",
  scopes: ["accounting.invoices", "a.scope.of.tomorrow"],
  createdOn: "2026-03-31",
  preflight: true,
  timeoutMs: 5_000,
  store,
  fetch,
  identityUrl: "http://127.0.0.1:4010",
  apiUrl: undefined,
};
const known: KnownScope = "accounting.reports.balancesheet.read";
// @ts-expect-error not a scope that the catalogue knows
const unknown: KnownScope = "accounting.reports.balancesheets.read";

// As from an environment that may not have it.
const unset: CustomConnectionOptions = { clientId: "id", clientSecret: undefined as string | undefined };
void unset;
// @ts-expect-error clientSecret is missing
new CustomConnection({ clientId: "id" });
// @ts-expect-error a number is no secret
new CustomConnection({ clientId: "id", clientSecret: 5 });
// @ts-expect-error one text is not a list of scopes
new CustomConnection({ clientId: "id", clientSecret: "s", scopes: "accounting.invoices accounting.contacts" });
// @ts-expect-error there is no such option
new CustomConnection({ clientId: "id", clientSecret: "s", scope: ["accounting.invoices"] });
const fleet: FleetOptions = { store: postgres(async () => []), key: ["new", "old"] };
new CustomConnection({ clientId: "id", clientSecret: "s", fleet, onEvent: (event) => event.type === "fleet.away" && event.why });
new CustomConnection({ clientId: "id", clientSecret: "s", fleet: withFleet({ durable: false, swap: fleet.store.swap }) });
// @ts-expect-error a fleet has to have a store
new CustomConnection({ clientId: "id", clientSecret: "s", fleet: { key: "k" } });
// @ts-expect-error a store has to erase
new CustomConnection({ clientId: "id", clientSecret: "s", store: { load: store.load, save: store.save } });

export async function calls(xero: CustomConnection): Promise<void> {
  const token: AccessToken = await xero.token({ signal: AbortSignal.timeout(1_000) });
  const expiresAt: number = token.expiresAt;
  const scopes: readonly string[] | undefined = token.scopes;
  // @ts-expect-error a token is not changed
  token.accessToken = "";

  const urgent: CallInit = { priority: "high", headers: [["accept", "application/pdf"]] };
  await xero.fetch("/Invoices", urgent);
  await xero.fetch("/Invoices", { priority: "low" });
  await xero.json("GET", "/Invoices", undefined, { priority: "high" });
  xero.pages("/Invoices", { priority: "high", headers: new Headers({ accept: "application/json" }) });
  // @ts-expect-error there is no such priority
  await xero.fetch("/Invoices", { priority: "highest" });
  // @ts-expect-error nor here
  xero.pages("/Invoices", { priority: 1 });

  const response: Response = await xero.fetch(new URL("https://api.xero.com/api.xro/2.0/Invoices"), { method: "GET" });
  const asFetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response> = xero.fetch;

  const body: unknown = await xero.json("GET", "/Organisation");
  // @ts-expect-error what Xero answers is not known
  body.Organisations;
  const { Invoices } = await xero.json<{ Invoices: { InvoiceID: string }[] }>("POST", "/Invoices", { Invoices: [] });
  const id: string | undefined = Invoices[0]?.InvoiceID;
  // @ts-expect-error the method is an argument of its own
  await xero.json("GET", "/Invoices", undefined, { method: "POST" });

  for await (const invoice of xero.pages<{ InvoiceID: string }>("/Invoices", { headers: { accept: "application/json" } })) {
    const text: string = invoice.InvoiceID;
    void text;
  }
  xero.close();
  xero[Symbol.dispose]();
  using short = new CustomConnection({ clientId: undefined, clientSecret: undefined });
  void short;
  void [expiresAt, scopes, response, asFetch, id];
}

export function failed(error: unknown): string | undefined {
  if (!(error instanceof XeroError)) return undefined;
  const code: XeroErrorCode = error.code;
  const blame: XeroErrorBlame = error.blame;
  // @ts-expect-error no such code
  if (error.code === "scope_mising") return undefined;
  const at: number | undefined = error.retryAt;
  void [code, at, error.retryable, error.status, error.correlationId, error.toJSON().message];
  switch (blame) {
    case "caller":
    case "connection":
    case "xero":
    case "network":
    case "library":
      return error.rule ?? error.operation ?? error.scopes?.join(" ");
    default:
      // Every blame was named.
      return blame satisfies never;
  }
}

const simulator: Simulator = createSimulator({ country: "NZ", createdOn: "2026-04-28", seed: 1 });
const counts: SimulatorCounts = simulator.counts();
// @ts-expect-error not a country that has custom connections
createSimulator({ country: "DE" });
const several = createSimulator({ organisations: ["Kea", "Tui"], grace: "strict", consent: { user: 2, organisations: ["Tui"] } });
several.consent("refuse");
const tenant: string | undefined = several.organisations[0]?.id;
const app: SimulatorApp = several.pkce;
const secret: string | undefined = app.clientSecret;
// @ts-expect-error there are two users
several.consent({ user: 3 });
// @ts-expect-error not a reading of the 30 minutes
createSimulator({ grace: "endless" });

const parsed: ParsedScopes = parseScopes("accounting.settings");
const suggestion: string | undefined = parsed.unknown[0]?.suggestion;
// @ts-expect-error a text, not a list
parseScopes(["accounting.settings"]);

const required: readonly string[] = requiredScopes(["GET /Invoices", "curl https://api.xero.com/api.xro/2.0/Items"]).scopes;
const checked: CheckedScopes = checkScopes({ scopes: required, calls: "GET /Invoices", createdOn: "2026-03-31", region: "NZ" });
const kinds: FindingKind[] = checked.findings.map((finding) => finding.kind);
const confidence: Confidence | undefined = assess({ scopes: "accounting.settings", on: "2026-11-24" }).deadline?.confidence;
const change: string | undefined = planChange({ from: "accounting.transactions", to: required, demo: false }).email?.subject;
const target: string[] | undefined = review({ scopes: required, calls: ["GET /Items"], wanted: undefined, program: "Ledger Bot" }).plan?.scopes;
const switched = planChange({ from: required, to: required, organisation: "switch", sender: "Rob Hall", approveBy: "2026-12-05", region: "SG" });
const chosen: string | undefined = (switched.recommended === "cautious" ? switched.cautious : switched)?.email?.body;
const kept: readonly string[] = requiredScopes("GET /Journals", { createdOn: "2025-02-01", scopes: required }).kept.map(({ scope }) => scope);
const whole: Readonly<Catalogue> = catalogue;
// @ts-expect-error the calls are missing
checkScopes({ scopes: "accounting.settings" });
// @ts-expect-error a country is a text
assess({ scopes: "", region: 5 });
// @ts-expect-error there is no such kind
const kind: FindingKind = "harmless";

export { change, chosen, confidence, counts, kept, kind, kinds, whole, known, number, options, suggestion, text, unknown };

const question: DoctorQuestion = { scopes: ["files"], calls: "GET /Invoices" };
const health: Health = await diagnose(options, question);
const states: ("ok" | "warning" | "problem" | "unknown")[] = (await new CustomConnection(options).doctor()).steps.map(({ state }) => state);
// @ts-expect-error a step has no such state
const state: "fine" = health.steps[0]!.state;
export { state, states };
