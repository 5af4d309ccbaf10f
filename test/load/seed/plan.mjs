const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** Orders by hour of the day, UTC: quiet at night, a peak at noon and a higher one in the evening. */
const HOURS = [4, 3, 2, 2, 2, 3, 5, 8, 12, 16, 19, 21, 23, 22, 20, 19, 19, 21, 25, 29, 30, 25, 16, 8];
/** From Sunday. */
const WEEKDAYS = [13, 11, 10, 10, 11, 13, 15];

/** What a seeded database holds. It is kept in the database, so that every run makes the rest of the same rows. */
export function newPlan({ users, orders, days, chunk }, endsMs = Date.now()) {
  return { users, orders, days, chunk, endsMs };
}

/** Users register all along twice the period, so that half of them are there when the first order is placed. */
export function registrations({ users, days, endsMs }) {
  const spanMs = 2 * days * DAY_HOURS * HOUR_MS;
  return { users, fromMs: endsMs - spanMs, spanMs };
}

/** Ranges `[from, to)` of row numbers, each one transaction. */
export function chunksOf(part, rows, size) {
  return Array.from({ length: Math.ceil(rows / size) }, (_, number) => {
    return { part, number, from: number * size, to: Math.min(rows, (number + 1) * size) };
  });
}

/**
 * The hours of the period with the numbers of the orders placed in each: the number of an order grows with the time, so
 * that a chunk is a stretch of time, and its rows lie side by side in every index on time.
 */
export function rhythm({ orders, days, endsMs }) {
  const startMs = endsMs - days * DAY_HOURS * HOUR_MS;
  const hours = Array.from({ length: days * DAY_HOURS }, (_, hour) => startMs + hour * HOUR_MS);
  const weights = hours.map((ms) => weightAt(new Date(ms)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let passed = 0;
  return hours.map((startsMs, hour) => {
    const from = Math.round((passed / total) * orders);
    passed += weights[hour];
    return { startsMs, from, to: Math.round((passed / total) * orders) };
  });
}

function weightAt(at) {
  return HOURS[at.getUTCHours()] * WEEKDAYS[at.getUTCDay()];
}
