export const PROBE_KEY = 'plinth:probe';
const KEPT_MS = 1_000;
export const SHORT_LIVED = { expiration: { type: 'PX', value: KEPT_MS } } as const;
