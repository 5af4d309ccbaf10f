/** Roles in the order of their power; `customer` is held by everyone. */
export const ROLES = ['customer', 'analyst', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** What two spellings of an email address have in common: letters compare without case. */
export function emailKeyOf(email: string): string {
  return email.normalize('NFC').toLowerCase();
}

/** Every user is a customer; each role once, in the order of {@link ROLES}. */
export function completeRoles(roles: readonly string[]): Role[] {
  return ROLES.filter((role) => role === 'customer' || roles.includes(role));
}
