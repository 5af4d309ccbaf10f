import type { SigningKeys } from './signing-keys.js';

/** What the composition root gives: keys, and the names that tokens carry. */
export abstract class AccessOptions {
  abstract readonly keys: SigningKeys;
  abstract readonly issuer: string;
  abstract readonly audience: string;
  /** Every role there is; a rule that names another keeps the application from booting. */
  abstract readonly roles: readonly string[];
}
