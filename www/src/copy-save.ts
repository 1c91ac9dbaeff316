/** Copies texts to the clipboard, and saves them as files. */

import { h } from "./dom.js";

/** The look and the words of a button that copies. */
export interface CopyLook {
  /** True for the one button that the page is about. */
  filled?: boolean;
  /** The words after it copied. */
  done?: string;
  /** What it does, if its label does not say all. */
  title?: string;
}

/** A button that copies the result of `text`, and announces that it did. */
export function copyButton(label: string, text: () => string, say: (words: string) => void, { filled = false, done = "Copied", title }: CopyLook = {}): HTMLButtonElement {
  const button = h("button", { type: "button", class: filled ? "filled" : "small", title }, label);
  button.addEventListener("click", async () => {
    const copied = await copy(text());
    button.textContent = copied ? done : "Not copied";
    say(copied ? done : "The browser did not allow copying. Select the text instead.");
    setTimeout(() => (button.textContent = label), 2000);
  });
  return button;
}

/** Copies a text. A page that is not served over https has no clipboard, and browsers may refuse. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** A button that saves a file. */
export function saveButton(label: string, name: string, type: string, text: () => string): HTMLButtonElement {
  const save = (): void => {
    const address = URL.createObjectURL(new Blob([text()], { type }));
    h("a", { href: address, download: name }).click();
    // Not at once: the browser reads it after this returns.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  return h("button", { type: "button", class: "small", click: save }, label);
}
