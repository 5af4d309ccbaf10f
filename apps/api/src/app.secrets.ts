import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SigningKeys } from '@app/auth';

/**
 * What people write when they mean to fill it in later. Words of seven letters and more, shorter ones standing alone: in
 * a random key of 43 characters one of them turns up once in a hundred million.
 */
const PLACEHOLDER =
  /change[-_ ]?(?:me|this|it)|place[-_ ]?holder|your[-_ ](?:own|key|secret|password)|(?:my|super|top)[-_ ]?secret|secret[-_ ]?key|example|password|(?<![a-z0-9])(?:secret|dummy)(?![a-z0-9])/i;
/** 256 random bits have some 30 different bytes of 32. */
const MIN_DIFFERENT_BYTES = 12;

/**
 * Refuses a secret that somebody forgot to replace: the password in a URL, or one of `kid=base64url,…`.
 *
 * @throws Error without the value in its message.
 */
export function refusePlaceholder(value: string): void {
  const keys = URL.canParse(value) ? [] : value.split(',').map((entry) => entry.slice(entry.indexOf('=') + 1).trim());
  const texts = URL.canParse(value) ? [decodeURIComponent(new URL(value).password)] : keys.map(keyTexts);
  if (texts.some((text) => PLACEHOLDER.test(text))) throw new Error('has a placeholder for a secret');
  if (keys.some(isMonotonous)) throw new Error('has a key that is not random');
}

/** As it was written, and what it says when decoded. */
function keyTexts(encoded: string): string {
  return `${encoded} ${Buffer.from(encoded, 'base64url').toString('latin1')}`;
}

function isMonotonous(encoded: string): boolean {
  return new Set(Buffer.from(encoded, 'base64url')).size < MIN_DIFFERENT_BYTES;
}

/** Keys for development: made at the first start and kept, so that tokens survive a restart. */
export function developmentKeys(dataDir: string): SigningKeys {
  const file = path.join(dataDir, 'jwt-keys');
  if (!existsSync(file)) makeKeys(file);
  return SigningKeys.parse(readFileSync(file, 'utf8').trim());
}

/** Of several processes that start at once the first makes the file, complete from its first moment; all read that one. */
function makeKeys(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `dev=${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft);
  }
}
