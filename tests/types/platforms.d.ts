// What the examples use of platforms and packages whose types are not installed here: so much of it, and no more.

declare module "cloudflare:workers" {
  export const env: Record<
    "XERO_CLIENT_ID" | "XERO_CLIENT_SECRET" | "XERO_VAULT_KEY" | "XERO_SEED" | "XERO_IDENTITY_URL" | "XERO_API_URL",
    string
  > & { XERO_FLEET: import("xero-m2m/durable-object").Namespace };
  export function waitUntil(promise: Promise<unknown>): void;
}

declare module "openapi-fetch" {
  type Answer<Paths, Path extends keyof Paths> = Paths[Path] extends { get: infer Data } ? Data : never;
  export default function createClient<Paths>(options: { baseUrl: string; fetch: (input: Request) => Promise<Response> }): {
    GET<Path extends keyof Paths>(path: Path, init: { params: { query: object } }): Promise<{ data?: Answer<Paths, Path>; error?: unknown }>;
  };
}

declare module "*/xero-accounting.js" {
  export interface paths {
    "/Invoices": { get: { Invoices?: { InvoiceNumber?: string; AmountDue?: number }[] } };
  }
}

declare module "xero-node" {
  export class XeroClient {
    accountingApi: {
      basePath: string;
      getOrganisations(tenant: string): Promise<{ body: { organisations?: { name?: string }[] } }>;
    };
    setTokenSet(tokens: { access_token: string }): void;
  }
}

declare module "pg" {
  class Pool {
    query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
    end(): Promise<void>;
  }
  const pg: { Pool: typeof Pool };
  export default pg;
}

declare module "react" {
  export type ReactNode = unknown;
}

interface Serving {
  port: number;
  hostname: string;
}

declare const Bun: {
  serve(options: Serving & { fetch(request: Request): Promise<Response> }): { port: number };
};

declare const Deno: {
  env: { get(name: string): string | undefined };
  serve(options: Serving & { onListen(address: { port: number }): void }, answer: (request: Request) => Promise<Response>): void;
};

declare namespace JSX {
  interface IntrinsicElements {
    [name: string]: object;
  }
}
