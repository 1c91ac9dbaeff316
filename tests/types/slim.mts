// The entry to which a platform passes the core, in any of the forms that its types have for it.
import { CustomConnection, init } from "xero-m2m/slim";

init(new Uint8Array());
init(new ArrayBuffer(8), { apart: true });
// @ts-expect-error a text is no module
init("core.wasm");

export const xero: CustomConnection = new CustomConnection({ clientId: undefined, clientSecret: undefined });
