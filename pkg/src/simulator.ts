import { decodeBase64 } from "./base64.js";
import { initSync, version as simulatorVersion } from "./glue/simulator.js";
import wasm from "./glue/simulator-wasm.js";

initSync({ module: decodeBase64(wasm) });

/** The version of the simulator, which is that of the package. */
export const version: string = simulatorVersion();
