import { isIP } from 'node:net';

/** How a text becomes a value: throws an Error whose message says what is expected, never what was given. */
export type Parser<T> = (text: string) => T;

/** What an absent variable means, written as one would give it; without `usual` it means undefined. */
export interface Defaults {
  readonly usual?: string;
  readonly inProduction?: string;
  readonly onTerminal?: string;
}

/** What chooses among {@link Defaults}. */
export interface Circumstances {
  readonly isProduction: boolean;
  readonly onTerminal: boolean;
}

/** One variable of the environment. Name, default and parser stand here and nowhere else. */
export interface Variable<T> {
  readonly name: string;
  readonly defaults: Defaults;
  /** Production has no default for it, and refuses a placeholder. */
  readonly isSecret: boolean;
  readonly parse: Parser<T>;
  absent(circumstances: Circumstances): T;
}

/** Absent, it has a default. */
export function variable<T>(
  name: string,
  parse: Parser<T>,
  defaults: Defaults & { readonly usual: string },
): Variable<T> {
  const { usual, inProduction, onTerminal } = defaults;
  const given = (circumstances: Circumstances): string =>
    (circumstances.isProduction ? inProduction : undefined) ??
    (circumstances.onTerminal ? onTerminal : undefined) ??
    usual;
  return { name, defaults, isSecret: false, parse, absent: (circumstances) => parse(given(circumstances)) };
}

/** Absent, it is undefined. */
export function optional<T>(name: string, parse: Parser<T>): Variable<T | undefined> {
  return { name, defaults: {}, isSecret: false, parse, absent: () => undefined };
}

/** Absent, it is undefined, which production refuses. */
export function secret<T>(name: string, parse: Parser<T>): Variable<T | undefined> {
  return { ...optional(name, parse), isSecret: true };
}

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
