// The entry to which a platform gives the core, whatever names its types have for that.
import { CustomConnection, init } from "xero-m2m/slim";

init(new Uint8Array());
init(new ArrayBuffer(8), { apart: true });
// @ts-expect-error a text is no module
init("core.wasm");

export const xero: CustomConnection = new CustomConnection({ clientId: undefined, clientSecret: undefined });
