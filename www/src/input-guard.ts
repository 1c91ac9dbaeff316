/** Boxes that keep no secrets: every input is sieved before it is in the box, or right after. */

import { type Kind, type Sieved, sieve } from "./secrets.js";

/** Longer texts are read like files. */
const LONG = 100_000;

/** The listener of a box. */
export interface Listener {
  /** Called when secrets were cut out. */
  removed(sieved: Sieved, box: HTMLInputElement | HTMLTextAreaElement): void;
  /** Called with a text that is not for a box, because it is a HAR file or too long. It is in no element. */
  long?(text: string): void;
}

/** Watches a box. Call `changed` on every change, after it was sieved. */
export function guard(box: HTMLInputElement | HTMLTextAreaElement, mark: string, listener: Listener, changed: () => void): void {
  const bring = (event: Event, text: string): void => {
    if (listener.long && isLong(text)) {
      event.preventDefault();
      listener.long(text);
      return;
    }
    const sieved = sieve(text, mark);
    if (sieved.removed.size === 0) return;
    event.preventDefault();
    box.setRangeText(sieved.text, box.selectionStart ?? 0, box.selectionEnd ?? 0, "end");
    listener.removed(sieved, box);
    changed();
  };
  box.addEventListener("paste", (event) => bring(event, (event as ClipboardEvent).clipboardData?.getData("text/plain") ?? ""));
  box.addEventListener("drop", (event) => bring(event, (event as DragEvent).dataTransfer?.getData("text/plain") ?? ""));
  // Typed, dictated, filled in by a tool, or put together from two pastes.
  box.addEventListener("input", () => {
    if (listener.long && isLong(box.value)) {
      const text = box.value;
      box.value = "";
      listener.long(text);
    }
    const sieved = sieve(box.value, mark);
    if (sieved.removed.size > 0) {
      const end = box.selectionEnd ?? 0;
      box.value = sieved.text;
      box.setSelectionRange(end, end);
      listener.removed(sieved, box);
    }
    changed();
  });
}

function isLong(text: string): boolean {
  return text.length > LONG || /^\s*\{\s*"log"\s*:\s*\{/.test(text);
}

/** Adds the counts of `more` to `all`. */
export function count(all: Map<Kind, number>, more: Map<Kind, number>): void {
  for (const [kind, times] of more) all.set(kind, (all.get(kind) ?? 0) + times);
}
