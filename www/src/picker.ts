/** The picker: topics for people who do not know the calls. A tick is a view of the lines in the box of calls. */

import type { Topic } from "xero-m2m/policy";
import { type Index, request } from "./catalogue.js";
import { byId, fill, h } from "./dom.js";

/** Draws the topics for the box. Call `changed` after a tick; the result updates the ticks from the box. */
export function picker(topics: readonly Topic[], index: Index, box: HTMLTextAreaElement, changed: () => void): () => void {
  const ticks: [HTMLInputElement, string[]][] = [];
  const cell = (topic: Topic, keys: readonly string[], verb: string): HTMLElement => {
    if (keys.length === 0) return h("td", {}, h("span", { class: "none", "aria-label": `Nothing ${verb} ${topic.name}` }, "–"));
    const lines = [...new Set(keys.map((key) => line(key, index)))];
    const tick = h("input", { type: "checkbox", autocomplete: "off", "aria-label": `My software ${verb} ${topic.name}` });
    tick.addEventListener("change", () => {
      const rest = written(box).filter((text) => !lines.includes(text));
      const others = new Set(ticks.filter(([other]) => other !== tick && other.checked).flatMap(([, own]) => own));
      box.value = [...rest, ...(tick.checked ? lines : lines.filter((text) => others.has(text)))].join("\n");
      changed();
    });
    ticks.push([tick, lines]);
    return h("td", {}, h("label", {}, tick));
  };
  fill(
    byId("topics"),
    h("thead", {}, h("tr", {}, h("td", { class: "topic" }), h("th", { scope: "col" }, "reads"), h("th", { scope: "col" }, "changes"))),
    h("tbody", {}, ...topics.map((topic) => h("tr", {}, h("th", { scope: "row" }, topic.name), cell(topic, topic.reads, "reads"), cell(topic, topic.changes, "changes")))),
  );
  return () => {
    const present = new Set(written(box));
    for (const [tick, lines] of ticks) tick.checked = lines.every((text) => present.has(text));
  };
}

function line(key: string, index: Index): string {
  const operation = index.operations.get(key);
  return operation ? request(operation) : key;
}

function written(box: HTMLTextAreaElement): string[] {
  return box.value.split("\n").map((text) => text.trim()).filter(Boolean);
}
