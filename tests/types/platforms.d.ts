// What the examples use of platforms and packages whose types are not installed here: so much of it, and no more.

declare module "cloudflare:workers" {
  export const env: Record<
    "XERO_CLIENT_ID" | "XERO_CLIENT_SECRET" | "XERO_VAULT_KEY" | "XERO_SEED" | "XERO_IDENTITY_URL" | "XERO_API_URL",
    string
  > & { XERO_FLEET: import("xero-m2m/durable-object").Namespace };
  export function waitUntil(promise: Promise<unknown>): void;
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

declare module "redis" {
  interface Client {
    connect(): Promise<Client>;
    on(event: "error", listener: (error: unknown) => void): Client;
    eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
    sendCommand(command: string[]): Promise<unknown>;
    destroy(): void;
  }
  export function createClient(options: { url: string | undefined }): Client;
}

declare module "vitest" {
  export function test(name: string, run: () => unknown): void;
  export function expect(value: unknown): { toBe(expected: unknown): void; toEqual(expected: unknown): void };
}

declare module "vitest/config" {
  export function defineConfig(config: { plugins: readonly object[] }): object;
}

declare module "@cloudflare/vitest-pool-workers" {
  export function cloudflareTest(options: { wrangler: { configPath: string } }): object;
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
