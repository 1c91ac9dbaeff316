/** Numbers, days and lists as people write them. */

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
const INSTANT = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
const NUMBER = new Intl.NumberFormat("en-GB");

/** `2026-04-29` as 29 April 2026, `2027-09` as September 2027. */
export function day(date: string): string {
  const format = date.length > "2027-09".length ? DAY : MONTH;
  return format.format(new Date(`${date.padEnd("2027-09-01".length, "-01")}T00:00:00Z`));
}

/** Milliseconds since the epoch as a day and a time, in UTC. */
export function instant(at: number): string {
  return `${INSTANT.format(new Date(at))} UTC`;
}

/** 1,234. */
export function number(count: number): string {
  return NUMBER.format(count);
}

/** "1 call", "2 calls". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

const SMALL = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

/** A count as it begins a sentence: "Two scopes". */
export function opening(count: number, one: string, many = `${one}s`): string {
  return `${SMALL[count] ?? number(count)} ${count === 1 ? one : many}`;
}

/** "a, b and c". */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join();
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Today, in UTC. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
