import { Job, JobLines } from '@app/jobs';
import { IdempotencyRecord } from '@app/rest';
import { AuditRecord } from './audit/index.js';
import { RefreshToken, Session } from './auth/index.js';
import { Order, OrderImport, OrderItem, OrderTransaction } from './orders/index.js';
import { User } from './users/index.js';

/** Every table of the application, by its class. */
export const ENTITIES = [
  User,
  Session,
  RefreshToken,
  Order,
  OrderImport,
  OrderItem,
  OrderTransaction,
  IdempotencyRecord,
  Job,
  JobLines,
  AuditRecord,
];
