/** Days as options and policy files write them. */

/** Returns true for a day of the calendar, written as `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Today, in UTC. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** The days from one day to another; 0 if that one is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000));
}
