/** What the log can tell of, and the kind of thing that it happened to. Names stay: rows that have one are never rewritten. */
export const AUDIT_ACTIONS = {
  'order.placed': 'order',
  'order.items_changed': 'order',
  'order.payment': 'order',
  'order.refund': 'order',
  'order.cancelled': 'order',
  'user.created': 'user',
  'user.roles_changed': 'user',
  'user.disabled': 'user',
  'user.enabled': 'user',
  'user.deleted': 'user',
  'user.restored': 'user',
  'user.erased': 'user',
  'credential.email_changed': 'user',
  'credential.password_changed': 'user',
  'session.created': 'session',
  'session.refreshed': 'session',
  'session.revoked': 'session',
  'session.family_revoked': 'session',
  'auth.locked': 'user',
} as const;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
export type AuditSubjectType = (typeof AUDIT_ACTIONS)[AuditAction];

export const AUDIT_SUBJECT_TYPES = [...new Set(Object.values(AUDIT_ACTIONS))];
