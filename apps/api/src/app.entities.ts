import { IdempotencyRecord } from '@app/rest';
import { RefreshToken, Session } from './auth/index.js';
import { Order, OrderItem, OrderTransaction } from './orders/index.js';
import { User } from './users/index.js';

/** Every table of the application, by its class. */
export const ENTITIES = [User, Session, RefreshToken, Order, OrderItem, OrderTransaction, IdempotencyRecord];
