import { type KeyObject, createHmac, createSecretKey } from 'node:crypto';

export interface SigningKey {
  /** Sent in the header of each token, so that keys can overlap while they change. */
  readonly kid: string;
  /** A key object and no string: for a string, jsonwebtoken looks for a public key in it at each verification. */
  readonly key: KeyObject;
}

const KID = /^[A-Za-z0-9._-]{1,64}$/;
const MIN_BYTES = 32;

/** The keys that sign and verify access tokens: the first signs, all verify. */
export class SigningKeys {
  readonly algorithm = 'HS256';
  /** The header segment of a token is the same for all tokens of a key: decoded once. */
  private readonly byHeader = new Map<string, KeyObject>();

  private constructor(
    readonly signing: SigningKey,
    private readonly all: readonly SigningKey[],
  ) {}

  /**
   * @param text `kid=base64url,kid=base64url,…`, 256 bits or more each.
   * @throws Error that counts to the wrong key and shows nothing of it: what was meant as a key may stand in the place of
   *   the kid.
   */
  static parse(text: string): SigningKeys {
    const keys = text.split(',').map((entry, index) => parseKey(entry.trim(), index + 1));
    const [signing] = keys;
    if (!signing) throw new Error('no key is given');
    if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw new Error('a kid is given twice');
    return new SigningKeys(signing, keys);
  }

  /** The key that a token names in its header; undefined for a foreign or broken header. */
  verifying(token: string): KeyObject | undefined {
    const header = token.slice(0, Math.max(0, token.indexOf('.')));
    const known = this.byHeader.get(header);
    if (known) return known;
    const kid = kidOf(header);
    const found = this.all.find((candidate) => candidate.kid === kid)?.key;
    // Only well-formed headers of our own keys come this far; the bound is against invented extra members.
    if (found && this.byHeader.size < 100) this.byHeader.set(header, found);
    return found;
  }

  /** One 256-bit key for another purpose for each signing key, in the same order; unrelated to the signing keys. */
  derive(purpose: string): Buffer[] {
    return this.all.map(({ key }) => createHmac('sha256', key).update(`plinth:${purpose}`).digest());
  }
}

function parseKey(entry: string, position: number): SigningKey {
  const at = entry.indexOf('=');
  const kid = entry.slice(0, Math.max(0, at));
  if (!KID.test(kid)) throw new Error(`expects kid=base64url,…; key ${position} is not so`);
  const encoded = entry.slice(at + 1).replace(/=+$/, '');
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded) throw new Error(`key ${position} is not base64url`);
  if (bytes.length < MIN_BYTES) throw new Error(`key ${position} has fewer than ${MIN_BYTES * 8} bits`);
  return { kid, key: createSecretKey(bytes) };
}

function kidOf(header: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('kid' in parsed)) return undefined;
    return typeof parsed.kid === 'string' ? parsed.kid : undefined;
  } catch {
    return undefined; // not JSON: a foreign token, refused like any other
  }
}
