const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Reads an RFC 3339 time, or a bare date as its midnight UTC. Fractions finer than a millisecond are cut off.
 *
 * @returns undefined for anything else, impossible days such as 30 February among them.
 */
export function parseInstant(text: string): Date | undefined {
  const day = DATE.test(text) ? text : TIME.exec(text)?.[1];
  if (day === undefined || !isDay(day)) return undefined;
  const instant = new Date(text === day ? `${day}T00:00:00Z` : text.toUpperCase());
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
