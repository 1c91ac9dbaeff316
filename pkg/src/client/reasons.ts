/** The reasons for which Node.js got no answer, and what to do about each. */

import type { XeroErrorCode } from "../shared/errors.js";

/** Codes for a certificate that this machine does not trust. */
const UNTRUSTED = [
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/** The error for a request to `host` that was `thrown` with a code whose cause is known; `undefined` for any other. */
export function reasonOf(thrown: unknown, code: string, host: string): [code: XeroErrorCode, message: string] | undefined {
  if (code === "PROXY_407") {
    return [
      "intercepted",
      `the proxy on the way to ${host} asks for credentials (status 407), and nothing was sent: put them into its address, as in ` +
        "HTTPS_PROXY=http://name:password@proxy:8080",
    ];
  }
  if (code.startsWith("PROXY_")) {
    return ["offline", `the proxy on the way to ${host} does not connect to it (status ${code.slice(6)}); nothing was sent`];
  }
  if (code.endsWith("_OVERFLOW")) {
    return ["offline", `the answer of ${host} has more headers than Node.js reads (${code}): start it with --max-http-header-size=65536`];
  }
  if (UNTRUSTED.includes(code)) {
    return [
      "offline",
      `cannot reach ${host} (${code}); nothing was sent. This machine does not trust the certificate, as behind a proxy that reads ` +
        "along: put the name of a file with the proxy's certificate into NODE_EXTRA_CA_CERTS before the process starts",
    ];
  }
  if (code || !isUnexplained(thrown)) return undefined;
  return ["offline", `cannot reach ${host}, and fetch hides the reason, as for a proxy that asks for credentials (status 407); nothing came back`];
}

/** Returns true for the error by which undici gives no reason. */
function isUnexplained(thrown: unknown): boolean {
  try {
    const { message, cause } = thrown as { message: unknown; cause: { message: unknown } };
    return message === "fetch failed" && cause.message === "";
  } catch {
    return false;
  }
}
