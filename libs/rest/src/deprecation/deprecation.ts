import { parseInstant } from '../fields/instant.js';

export interface DeprecationOptions {
  /** Since when the operation should not be used any more: RFC 3339, or a bare date. */
  readonly since: string;
  /** When it goes. */
  readonly sunset: string;
  /** Page that says what to use instead: a URL, or a path of this server. */
  readonly link: string;
}

const LINK = /^(https?:\/\/[^\s<>"]+|\/[^\s<>"]*)$/;

/** How long an operation has to live, and what to say about it. */
export class Deprecation {
  private constructor(readonly headers: Readonly<Record<'Deprecation' | 'Sunset' | 'Link', string>>) {}

  /** @throws Error for what is no date, a sunset that is not after the deprecation, or no link. */
  static of({ since, sunset, link }: DeprecationOptions): Deprecation {
    const [from, to] = [instant(since), instant(sunset)];
    if (to <= from) throw new Error(`sunset ${sunset} is not after the deprecation of ${since}`);
    if (!LINK.test(link)) throw new Error(`${link} is neither a URL nor a path`);
    return new Deprecation({
      Deprecation: `@${Math.floor(from.getTime() / 1_000)}`, // RFC 9745
      Sunset: to.toUTCString(), // RFC 8594
      Link: `<${link}>; rel="deprecation"`,
    });
  }
}

function instant(text: string): Date {
  const value = parseInstant(text);
  if (!value) throw new Error(`${text} is no date`);
  return value;
}
