/** The wasm module of the recorder, which finds the operations of requests. It holds the recording of this process. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import type { Counted } from "../shared/counted.js";
import * as crossing from "../shared/crossing.js";
import { plain } from "../shared/plain.js";

/** The exports of the core, `src/wasm/record.rs`. */
interface Exports extends crossing.Shared {
  note(length: number): number;
  recording(length: number): number;
}

const { module: core, ask } = plain<Exports>("xero-m2m/record");

/** Loads the module from its file, in which it is compressed. */
function load(): void {
  if (!core.instance) core.start(inflateRawSync(readFileSync(join(__dirname, "record.wasm.deflate"))) as Uint8Array<ArrayBuffer>);
}

/** Counts requests of one kind. */
export function note({ method, url, times, first, last }: Counted): void {
  load();
  ask(
    (wasm, length) => wasm.note(length),
    () => undefined,
    () => {
      crossing.putText(method);
      crossing.putText(url);
      [times, first, last].forEach(crossing.putNumber);
    },
  );
}

/** The recording as JSON: of the run with this number, which was watched between two times. */
export function recording(run: string, from: number, until: number): string {
  load();
  return ask(
    (wasm, length) => wasm.recording(length),
    crossing.takeText,
    () => {
      crossing.putText(run);
      [from, until].forEach(crossing.putNumber);
    },
  );
}
