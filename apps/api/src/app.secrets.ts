import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SigningKeys } from '@app/auth';

/** What people write when they mean to fill it in later. */
const PLACEHOLDER = /change[-_ ]?(me|this)|place[-_ ]?holder|your[-_](key|secret|password)|example|secret|password|dummy/i;
/** 256 random bits have some 30 different bytes of 32. */
const MIN_DIFFERENT_BYTES = 12;

/**
 * Refuses, in production, a secret that somebody forgot to replace.
 *
 * @throws Error without the value in its message.
 */
export function assertNoPlaceholder<T>(value: string, parse: (value: string) => T): T {
  const parsed = parse(value);
  const secrets = URL.canParse(value) ? [decodeURIComponent(new URL(value).password)] : value.split(',').map(keyText);
  if (secrets.some((secret) => PLACEHOLDER.test(secret))) throw new Error('has a placeholder for a secret');
  if (parsed instanceof SigningKeys && value.split(',').some(isMonotonous)) throw new Error('has a key that is not random');
  return parsed;
}

function keyText(entry: string): string {
  const encoded = entry.slice(entry.indexOf('=') + 1);
  return `${encoded} ${Buffer.from(encoded, 'base64url').toString('latin1')}`;
}

function isMonotonous(entry: string): boolean {
  return new Set(Buffer.from(entry.slice(entry.indexOf('=') + 1), 'base64url')).size < MIN_DIFFERENT_BYTES;
}

/** Keys for development: made at the first start and kept, so that tokens survive a restart. */
export function developmentKeys(dataDir: string): SigningKeys {
  const file = path.join(dataDir, 'jwt-keys');
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, `dev=${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    renameSync(draft, file);
  }
  return SigningKeys.parse(readFileSync(file, 'utf8').trim());
}
