import { Users0000000000001 } from './0001-users.js';
import { Sessions0000000000002 } from './0002-sessions.js';
import { Orders0000000000003 } from './0003-orders.js';
import { IdempotencyKeys0000000000004 } from './0004-idempotency-keys.js';
import { Rollups0000000000005 } from './0005-rollups.js';
import { Jobs0000000000006 } from './0006-jobs.js';
import { Imports0000000000007 } from './0007-imports.js';
import { Audit0000000000008 } from './0008-audit.js';

/** Every migration, in the order in which they run. */
export const MIGRATIONS = [
  Users0000000000001,
  Sessions0000000000002,
  Orders0000000000003,
  IdempotencyKeys0000000000004,
  Rollups0000000000005,
  Jobs0000000000006,
  Imports0000000000007,
  Audit0000000000008,
];
