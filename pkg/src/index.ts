import { decodeBase64 } from "./base64.js";
import { initSync, version as coreVersion } from "./glue/core.js";
import wasm from "./glue/core-wasm.js";

initSync({ module: decodeBase64(wasm) });

/** The version of this package. */
export const version: string = coreVersion();
