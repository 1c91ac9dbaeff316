/** The one popover of the page: it explains the word or shows the source whose button was pressed. */

import { type Child, byId, fill } from "./dom.js";

/** The distance from its button, and from the edge of the window, in pixels. */
const GAP = 6;

/** Fills and places the popover whenever a button shows it. `content` gives the content for a button. */
export function explain(content: (button: HTMLElement) => Child[]): void {
  const popover = byId("explained");
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[popovertarget=explained]");
    if (!button) return;
    fill(popover, ...content(button));
    // The browser shows it after this listener; its size is known then.
    requestAnimationFrame(() => place(popover, button));
  });
  for (const kind of ["scroll", "resize"]) addEventListener(kind, () => popover.matches(":popover-open") && popover.hidePopover(), { passive: true });
}

function place(popover: HTMLElement, button: HTMLElement): void {
  const { left, top, bottom } = button.getBoundingClientRect();
  const { width, height } = popover.getBoundingClientRect();
  const below = bottom + GAP + height < innerHeight || top < height + GAP;
  popover.style.left = `${Math.max(GAP, Math.min(left, document.documentElement.clientWidth - width - GAP))}px`;
  popover.style.top = `${below ? Math.min(bottom + GAP, Math.max(GAP, innerHeight - height - GAP)) : top - height - GAP}px`;
}
