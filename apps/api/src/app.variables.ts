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
    if (!/^\d+$/.test(value) || number < min || number > max) throw new Error(`expects a whole number from ${min} to ${max}`);
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
    return value;
  };
}
