// Connections of an app itself: what callers may write, and what the compiler has to refuse.
import { AppConnection, type AppConnectionRecord } from "xero-m2m/app";

const app = new AppConnection({ clientId: "id", clientSecret: async () => "secret", fetch });
const connections: AppConnectionRecord[] = await app.connections({ tenantId: "t" });
await app.connections({ userId: "u" }, { signal: AbortSignal.timeout(1_000) });
// @ts-expect-error one of the two is wanted
await app.connections({});
// @ts-expect-error not both
await app.connections({ tenantId: "t", userId: "u" });
// @ts-expect-error the question is missing
await app.connections();
// @ts-expect-error the secret is missing: a PKCE app has no token of its own
new AppConnection({ clientId: "id" });
// @ts-expect-error its scopes are two, and known
new AppConnection({ clientId: "id", clientSecret: "secret", scopes: ["app.connections"] });
const quantity: number = (await app.recordUsage("s", "i", { quantity: 1, timestamp: "2026-01-31T10:00:00Z" })).quantity;
export { connections, quantity };
