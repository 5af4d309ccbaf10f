import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { User } from '../../apps/api/src/users/index.js';
import { BULK_WRITES, type Dice } from './bulk-writes.js';
import type { SignedIn } from './factory.js';
import type { TestApp } from './test-app.js';

export interface Step extends Dice {
  readonly what: string;
}

const DAY_MS = 86_400_000;
const CURRENCIES = ['USD', 'EUR', 'JPY'] as const;
const SKUS = ['A', 'B', 'C', 'a', 'A.1'] as const;
const STATUSES = ['pending', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded'] as const;
/** PostgreSQL chose this statement to end a deadlock between two bulk writes; or its connection was killed. */
const TRY_AGAIN = ['40P01', '57P01', '08006'];

/** A bulk write whose rows have been changed by somebody else meanwhile may break a constraint; then it writes nothing. */
export function isRefusal(error: unknown): boolean {
  return String(Object(error).code).startsWith('23');
}

interface Known {
  readonly id: string;
  readonly dueCents: number;
}

type Act = (dice: Dice, world: World) => Promise<unknown>;

/** Customers and orders, what may happen to them through the API, and what past it. */
export class World {
  private readonly customers: SignedIn[] = [];
  private admin: SignedIn | undefined;
  /** Answers that no history may get. */
  readonly failures: string[] = [];

  constructor(readonly app: TestApp) {}

  /** Four customers with orders of every status over the last seven weeks; half of the customers are old. */
  async begin(): Promise<this> {
    this.admin = await this.app.factory.admin();
    for (let n = 0; n < 4; n += 1) {
      const createdAt = new Date(Date.now() - (n % 2) * 60 * DAY_MS);
      this.customers.push(await this.app.factory.signedIn({ createdAt }));
    }
    for (let n = 0; n < 24; n += 1) {
      const placedAt = new Date(Date.now() - n * 2.1 * DAY_MS);
      const skus = SKUS.slice(n % 3, 1 + (n % 5) + (n % 3));
      const members = { placedAt, skus, currency: pickOf(CURRENCIES, n), status: pickOf(STATUSES, n) };
      await this.app.factory.anOrder(this.customer(n).id, members);
    }
    return this;
  }

  get userIds(): string[] {
    return this.customers.map(({ id }) => id);
  }

  /** @throws Error when a bulk write is refused; what the API refuses is taken as it comes. */
  async act({ what, ...dice }: Step): Promise<void> {
    const bulk = BULK_WRITES[what];
    await (bulk ? this.sql(bulk(dice)) : REQUESTS[what]?.(dice, this));
  }

  /** Twice the orders, so that the steps to come hit some. */
  async grow(): Promise<void> {
    for (let a = 0; a < 7; a += 1) await this.act({ what: 'copy orders in one statement', a, b: 400 + a });
  }

  /** One statement, or several in one go, on a connection of its own. */
  async sql(text: string, tries = 20): Promise<void> {
    const client = new pg.Client({ connectionString: this.app.database.url, application_name: 'history' });
    client.on('error', () => undefined); // one that is killed while it is idle has nothing to lose
    try {
      await client.connect();
      await client.query(text);
    } catch (error) {
      if (tries === 0 || !TRY_AGAIN.includes(String(Object(error).code))) throw error;
      await this.sql(text, tries - 1);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async send(method: string, path: string, ask: { as?: string; body?: object } = {}): Promise<void> {
    const headers = { 'If-Match': '*' };
    const { status, text } = await this.app.client.send(method, path, { as: this.admin?.token, headers, ...ask });
    if (status >= 500) this.failures.push(`${method} ${path}: ${status} ${text}`);
  }

  customer(number: number): SignedIn {
    return pickOf(this.customers, number);
  }

  /** After a deletion his token is of no use any more. */
  async signInAgain(number: number): Promise<void> {
    const { id } = this.customer(number);
    const user = await this.app.dataSource.getRepository(User).findOneOrFail({ where: { id }, withDeleted: true });
    this.customers[number % this.customers.length] = await this.app.factory.session(user);
  }

  async order({ a }: Dice): Promise<Known> {
    const [found] = await this.app.dataSource.query<Known[]>(
      `SELECT id, (total_cents - paid_cents)::float8 AS "dueCents" FROM orders ORDER BY hashtext(id::text || $1) LIMIT 1`,
      [String(a)],
    );
    return found ?? { id: randomUUID(), dueCents: 1 };
  }
}

const REQUESTS: Readonly<Record<string, Act>> = {
  place: ({ a, b }, world) =>
    world.send('POST', '/orders', {
      as: world.customer(a).token,
      body: { currency: pickOf(CURRENCIES, a), items: items(a, b) },
    }),
  'pay in part': async (dice, world) => pay(await world.order(dice), world, (dice.b % 90) / 100),
  pay: async (dice, world) => pay(await world.order(dice), world, 1),
  refund: async (dice, world) => {
    const { id } = await world.order(dice);
    await world.send('POST', `/orders/${id}/refunds`, { body: { amountCents: 1 + dice.b, reason: 'Broken.' } });
  },
  cancel: async (dice, world) => world.send('POST', `/orders/${(await world.order(dice)).id}/cancellation`),
  ship: async (dice, world) => world.send('POST', `/orders/${(await world.order(dice)).id}/shipment`),
  'change items': async (dice, world) => {
    const { id } = await world.order(dice);
    await world.send('PATCH', `/orders/${id}`, { body: { items: items(dice.b, dice.a) } });
  },
  'delete a user': ({ a }, world) => world.send('DELETE', `/users/${world.customer(a).id}`),
  'restore a user': async ({ a }, world) => {
    await world.send('POST', `/users/${world.customer(a).id}/restoration`);
    await world.signInAgain(a);
  },
  rename: ({ a, b }, world) => world.send('PATCH', `/users/${world.customer(a).id}`, { body: { name: `Name ${b}` } }),
};

async function pay({ id, dueCents }: Known, world: World, share: number): Promise<void> {
  const amountCents = Math.max(1, Math.floor(dueCents * share));
  await world.send('POST', `/orders/${id}/payments`, { body: { amountCents, method: 'card' } });
}

function items(a: number, b: number): object[] {
  return SKUS.slice(0, 1 + (b % SKUS.length)).map((sku, n) => {
    return { sku, name: `Item ${sku}`, quantity: 1 + ((a + n) % 9), unitPriceCents: 1 + b };
  });
}

function pickOf<T>(list: readonly T[], number: number): T {
  const picked = list[number % list.length];
  if (picked === undefined) throw new Error('an empty list');
  return picked;
}

const dice = { a: fc.nat(999), b: fc.nat(999) };
const requested = fc.record({ what: fc.constantFrom(...Object.keys(REQUESTS)), ...dice });
const bulk = fc.record({ what: fc.constantFrom(...Object.keys(BULK_WRITES)), ...dice });

/** Requests and bulk writes, as often one as the other. */
export const STEP: fc.Arbitrary<Step> = fc.oneof(requested, bulk);
