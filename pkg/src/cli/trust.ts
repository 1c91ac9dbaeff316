/** The files by which programs trust the certificate of a local Xero, in a private folder that ends with the process. */

import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";

/** The files, and the end of the certificate. */
export interface Trust {
  /** For variables that add to the roots of a program. */
  added: string;
  /** For variables that replace them: the roots of this machine, and the certificate. */
  whole: string;
  ends: string;
  remove(): void;
}

/** The files in which systems keep their roots. */
const OF_SYSTEM = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

/** Writes the files. No key is in them: it stays in the memory of the local Xero. */
export function trust(authority: string, env: NodeJS.ProcessEnv = process.env): Trust {
  // With mode 0700.
  const folder = mkdtempSync(join(tmpdir(), "xero-m2m-"));
  const write = (name: string, ...certificates: string[]) => {
    const file = join(folder, name);
    writeFileSync(file, certificates.map((text) => `${text.trim()}\n`).join(""), { mode: 0o600, flag: "wx" });
    return file;
  };
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const own = readable(env.SSL_CERT_FILE, ...OF_SYSTEM) ?? rootCertificates.join("\n");
  const extra = readable(env.NODE_EXTRA_CA_CERTS);
  return {
    added: extra === undefined ? write("authority.pem", authority) : write("authority.pem", extra, authority),
    whole: write("bundle.pem", own, authority),
    ends: new Date(new X509Certificate(authority).validTo).toISOString(),
    remove,
  };
}

/** The text of the first file that can be read and has a certificate. */
function readable(...files: (string | undefined)[]): string | undefined {
  for (const file of files.filter(Boolean)) {
    try {
      const text = readFileSync(file!, "utf8");
      if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
    } catch {
      // The next one.
    }
  }
  return undefined;
}
