import type { INestApplicationContext } from '@nestjs/common';
import { PasswordHasher } from '@app/auth';
import { newId, Transaction } from '@app/database';
import { AppLogger } from '@app/logging';
import { Order, OrderItem, OrderTransaction } from '../orders/index.js';
import { type Role, User } from '../users/index.js';
import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './demo-accounts.js';
import { personName } from './demo-catalogue.js';
import { type DemoOrder, demoOrder } from './demo-orders.js';
import { DemoRandom } from './demo-random.js';

const USERS = 300;
const ORDERS = 3_000;
const YEAR_MS = 365 * 24 * 3_600_000;
/** PostgreSQL takes 65,535 parameters a statement. */
const ROWS_A_STATEMENT = 1_000;
const LOCK = 7_046_029_255;

const log = new AppLogger('DemoData');

/**
 * Fills an empty database with people who traded over the last year, and the demo accounts. One transaction: a start that
 * is killed half-way leaves nothing. Does nothing once there is a user.
 */
export async function fillWithDemoData(app: INestApplicationContext): Promise<void> {
  await app.get(Transaction).run(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK]); // instances that start together
    if (await manager.exists(User)) return;
    const passwordHash = await app.get(PasswordHasher).hash(DEMO_PASSWORD);
    const random = new DemoRandom(1);
    const now = new Date();
    const users = demoUsers(passwordHash, random, now);
    const orders = demoOrders(users, random, now);
    await insert(manager, User, users);
    await insert(
      manager,
      Order,
      orders.map(({ order }) => order),
    );
    await insert(
      manager,
      OrderItem,
      orders.flatMap(({ items }) => items),
    );
    await insert(
      manager,
      OrderTransaction,
      orders.flatMap(({ transactions }) => transactions),
    );
    log.info('demo data filled in', { users: users.length, orders: orders.length });
  });
}

function demoUsers(passwordHash: string, random: DemoRandom, now: Date): User[] {
  const accounts = DEMO_ACCOUNTS.map(({ role, email, name }) => ({
    email,
    name,
    roles: [...new Set<Role>(['customer', role])],
  }));
  const people = Array.from({ length: USERS - accounts.length }, (_, n) => {
    const name = personName(n);
    return { name, email: `${name.toLowerCase().replace(' ', '.')}.${n}@example.com`, roles: ['customer' as const] };
  });
  return [...accounts, ...people].map((person, n) => {
    const createdAt = new Date(now.getTime() - (n < accounts.length ? YEAR_MS : Math.floor(random.next() * YEAR_MS)));
    const age = random.next() < 0.2 ? null : random.between(18, 80);
    return {
      ...person,
      id: newId(),
      emailKey: person.email,
      age,
      disabled: false,
      passwordHash,
      createdAt,
      updatedAt: createdAt,
      deletedAt: null,
      version: 1,
    };
  });
}

/** Trade grows over the year, and a few customers order much more than the others. */
function demoOrders(users: readonly User[], random: DemoRandom, now: Date): DemoOrder[] {
  const customers = users.filter(({ email }) => !email.startsWith('admin@') && !email.startsWith('analyst@'));
  return Array.from({ length: ORDERS }, () => {
    const user = random.skewed(customers);
    const since = user.createdAt.getTime();
    const placedAt = new Date(since + Math.floor(Math.sqrt(random.next()) * (now.getTime() - since)));
    return demoOrder(user.id, placedAt, { random, now });
  });
}

async function insert<T extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<T>,
  rows: readonly T[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
    await manager
      .createQueryBuilder()
      .insert()
      .into(entity)
      .values(rows.slice(from, from + ROWS_A_STATEMENT))
      .updateEntity(false)
      .execute();
  }
}
