import { createHash, timingSafeEqual } from 'node:crypto';

/** Who may read the metrics; what the composition root gives. */
export abstract class MetricsAccess {
  /** To anyone, as in development. */
  abstract readonly isOpen: boolean;
  /** What others send; undefined: nobody may. */
  abstract readonly token: string | undefined;
}

const BEARER = /^bearer +(?<token>\S+)$/i;

/** Compares in constant time. */
export function mayReadMetrics({ isOpen, token }: MetricsAccess, authorization: string | undefined): boolean {
  if (isOpen) return true;
  const given = BEARER.exec(authorization ?? '')?.groups?.['token'];
  return token !== undefined && given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
