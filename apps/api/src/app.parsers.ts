import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';

/** How a text becomes a value: throws an Error whose message says what is expected, never what was given. */
export type Parser<T> = (text: string) => T;

export function text(pattern = /^.+$/s, expected = 'a text'): Parser<string> {
  return (value) => {
    if (!pattern.test(value)) throw new Error(`expects ${expected}`);
    return value;
  };
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): Parser<number> {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new Error(`expects a whole number from ${min} to ${max}`);
    }
    return number;
  };
}

/** Zero to one. */
export function ratio(value: string): number {
  const number = Number(value);
  if (!/^\d*\.?\d+$/.test(value) || number > 1) throw new Error('expects a number from 0 to 1');
  return number;
}

/** One or several, comma separated; `separator` says which commas count where a value may have some, too. */
export function listOf<T>(parse: Parser<T>, separator: string | RegExp = ','): Parser<readonly T[]> {
  return (value) => value.split(separator).map((entry) => parse(entry.trim()));
}

/** A host name or address, with a port or for any: `api.example.com`, `10.0.0.1:8080`, `[::1]`; in small letters. */
export function host(value: string): string {
  const canonical = value.toLowerCase();
  const written = URL.canParse(`http://${canonical}`) ? new URL(`http://${canonical}`) : undefined;
  const bare = canonical.replace(/:(?:80)?$/, '');
  if (!written || written.host !== bare || canonical.endsWith(':'))
    throw new Error('expects host names, comma separated');
  return canonical;
}

/** What a browser sends as `Origin`: `https://app.example.com`. */
export function origin(value: string): string {
  if (!URL.canParse(value) || new URL(value).origin !== value || value === 'null') {
    throw new Error('expects origins such as https://app.example.com, comma separated');
  }
  return value;
}

/** `auto`, one for each processor, or a number. */
export function processes(value: string): number {
  return value === 'auto' ? availableParallelism() : integer(1, MAX_PROCESSES)(value);
}

export function oneOf<const T extends string>(...words: readonly T[]): Parser<T> {
  return (value) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new Error(`expects one of ${words.join(', ')}`);
    return word;
  };
}

/** `on` or `off`, `true` or `false`. */
export function flag(on: string, off: string): Parser<boolean> {
  const parse = oneOf(on, off);
  return (value) => parse(value) === on;
}

export function url(...protocols: readonly string[]): Parser<string> {
  const expected = `expects a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  return (value) => {
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) throw new Error(expected);
    if (/%(?![0-9a-f]{2})/i.test(value)) throw new Error('has a broken percent-encoding');
    return value;
  };
}

const MAX_HOPS = 32;
const MAX_PROCESSES = 256;
/** Names that Express knows for ranges. */
const RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/** Proxies that are trusted: a number of hops, or addresses, ranges (`10.0.0.0/8`) and their names, comma separated. */
export function proxies(value: string): number | readonly string[] {
  if (/^\d+$/.test(value)) return integer(0, MAX_HOPS)(value);
  const entries = value.split(',').map((entry) => entry.trim());
  if (entries.every((entry) => RANGES.includes(entry) || isAddressOrRange(entry))) return entries;
  throw new Error(`expects a number of hops up to ${MAX_HOPS}, or addresses and ranges, comma separated`);
}

function isAddressOrRange(entry: string): boolean {
  const [address = '', bits, ...more] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128))
  );
}
