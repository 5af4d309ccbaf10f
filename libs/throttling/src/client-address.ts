import { normalizeIp } from '@nestjs/throttler';

const PREFIX_BITS = 64;
const MAX_LENGTH = 64;
const WITH_PORT = /^(\d+\.\d+\.\d+\.\d+):\d+$/;

/**
 * Whom an address stands for: IPv6 by its /64, which one customer has whole; IPv4 inside IPv6 as IPv4. Some proxies
 * write the port behind it.
 */
export function clientAddress(ip: string | undefined): string {
  if (ip === undefined) return 'unknown';
  return normalizeIp(ip.replace(WITH_PORT, '$1'), PREFIX_BITS).slice(0, MAX_LENGTH);
}
