/** The certificate of a local Xero that serves HTTPS. Its keys never leave the memory of the process. */

import type { KeyObject } from "node:crypto";
import { simulatorCertificate } from "../glue/simulator.js";
import { core } from "./core.js";

/** A certificate, its key, and the authority that programs have to trust; all as PEM. */
export interface Identity {
  certificate: string;
  key: string;
  authority: string;
}

/**
 * Makes an authority and lets it sign one certificate, both valid for a day. The authority's key is dropped here, so that
 * nothing can be signed with it later.
 */
export function makeIdentity({ generateKeyPairSync, randomBytes, sign }: typeof import("node:crypto")): Identity {
  const [authority, server] = [generateKeyPairSync("ec", { namedCurve: "P-256" }), generateKeyPairSync("ec", { namedCurve: "P-256" })];
  const issuer = spki(authority.publicKey);
  const now = Date.now();
  const make = (ofAuthority: boolean, key: Uint8Array) => {
    const serial = randomBytes(16);
    // The first bit is the sign of the number.
    serial[0] = (serial[0]! & 0x7f) | 0x40;
    const made = (signature?: Uint8Array) =>
      core.run(simulatorCertificate, ofAuthority, key, issuer, serial, now, signature);
    return pem(made(sign("sha256", made(), authority.privateKey)));
  };
  return {
    certificate: make(false, spki(server.publicKey)),
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    authority: make(true, issuer),
  };
}

function spki(key: KeyObject): Uint8Array {
  return key.export({ type: "spki", format: "der" });
}

function pem(der: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...der)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
