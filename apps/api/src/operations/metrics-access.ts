import { createHash, timingSafeEqual } from 'node:crypto';

/** Who may read metrics and status; what the composition root gives. */
export abstract class MetricsAccess {
  /** To anyone, as in development. */
  abstract readonly isOpen: boolean;
  /** What others send; undefined: nobody may. */
  abstract readonly token: string | undefined;
  /** Whoever reaches this port may, and nobody on another; undefined: there is one port for all. */
  abstract readonly port: number | undefined;
  /** Where the port is opened. */
  abstract readonly address: string;
}

export interface MetricsReader {
  /** The header. */
  readonly authorization: string | undefined;
  /** Whether the request came by the port for metrics. */
  readonly isOnPort: boolean;
}

const BEARER = /^bearer +(?<token>\S+)$/i;

/** Compares in constant time. */
export function mayReadMetrics({ isOpen, token, port }: MetricsAccess, reader: MetricsReader): boolean {
  if (port !== undefined) return reader.isOnPort;
  if (isOpen) return true;
  const given = BEARER.exec(reader.authorization ?? '')?.groups?.['token'];
  return token !== undefined && given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
