import type { AuditEntry } from '../audit/index.js';
import type { User } from './user.entity.js';

/** What the log may tell of a user. */
export type Registered = Pick<User, 'id' | 'email' | 'roles' | 'disabled' | 'deletedAt'>;

/** What a change of a user was, for the log; of an address only that there is another one. @param before of a user who is new: nothing. */
export function historyOf({ id: subjectId, ...now }: Registered, before?: Registered): AuditEntry[] {
  if (!before) return [{ action: 'user.created', subjectId, changes: { roles: now.roles } }];
  const entries: (AuditEntry | false)[] = [
    now.roles.join() !== before.roles.join() && {
      action: 'user.roles_changed',
      subjectId,
      changes: { roles: { from: before.roles, to: now.roles } },
    },
    now.disabled !== before.disabled && { action: now.disabled ? 'user.disabled' : 'user.enabled', subjectId },
    now.email !== before.email && { action: 'credential.email_changed', subjectId },
    isDeleted(now) !== isDeleted(before) && {
      action: isDeleted(now) ? 'user.deleted' : 'user.restored',
      subjectId,
    },
  ];
  return entries.filter((entry) => entry !== false);
}

function isDeleted({ deletedAt }: Pick<User, 'deletedAt'>): boolean {
  return deletedAt !== null;
}
