/** Keeps a command of `simulate` from Xero itself. */

/**
 * A module that a Node.js program loads first: it looks up no address of Xero. A program that uses the proxy never asks for one, so
 * one that does would reach Xero itself. Standard error has no part in it, because a program may catch the error.
 */
const moduleOf = (isProxy: boolean) => `import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
const refused = (host) => Object.assign(new Error("xero-m2m simulate keeps this program from the real " + host + ": ${
  isProxy
    ? 'it does not use HTTPS_PROXY, as fetch and node:https of Node.js " + process.versions.node + " may not. Take Node.js 22.21, 24.5 or later, or'
    : "no proxy is served with --no-proxy or --https. Take"
} the addresses in XERO_API_URL and XERO_IDENTITY_URL"),
  { code: "ENOTFOUND", syscall: "getaddrinfo", hostname: host });
const isXeros = (host) => /(^|\\.)xero\\.com\\.?$/i.test(String(host));
const { lookup } = dns;
dns.lookup = (host, ...rest) => isXeros(host) ? process.nextTick(rest.at(-1), refused(host)) : lookup(host, ...rest);
const { lookup: promised } = dns.promises;
dns.promises.lookup = async (host, ...rest) => { if (isXeros(host)) throw refused(host); return promised(host, ...rest); };
syncBuiltinESMExports();`;

/**
 * `NODE_OPTIONS` by which each Node.js program of a command refuses to look up Xero's addresses, besides the options that are set.
 * The reason depends on whether the command has a proxy.
 */
export function guarded(options: string | undefined, isProxy: boolean): { NODE_OPTIONS: string } {
  const guard = `--import=data:text/javascript,${encodeURIComponent(moduleOf(isProxy)).replaceAll("'", "%27")}`;
  return { NODE_OPTIONS: options ? `${options} ${guard}` : guard };
}
