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

/** Whether nothing but {@link erasedIdentity} is left of a user: nobody could be him again. */
export function isErased({ id, emailKey }: { readonly id: string; readonly emailKey: string }): boolean {
  return emailKey === erasedIdentity(id).emailKey;
}

/** What is left of a user who was erased. The id is all that ties him to what he ordered; `.invalid` (RFC 2606) is no host. */
export function erasedIdentity(id: string) {
  const email = `erased-${id}@erased.invalid`;
  return {
    name: 'Erased user',
    email,
    emailKey: emailKeyOf(email),
    age: null,
    roles: completeRoles([]),
    disabled: true,
  };
}
