import { randomUUID } from 'node:crypto';
import type { Cluster } from './cluster.js';
import type { SignedIn } from './factory.js';
import { inLanes, Wire, type WireAnswer } from './wire.js';

const ITEM = { sku: 'SKU-1', name: 'Thing', quantity: 1, unitPriceCents: 250 };

/** What the readers of all witnesses share. */
interface Common {
  /** Orders whose answers have come; others may be under way. */
  orders: number;
  readonly analyst: SignedIn;
  readonly admin: SignedIn;
}

type Read = readonly [path: string, as: string, isFresh: (answer: WireAnswer) => boolean];

/** One customer who writes, and knows what the next read of anyone anywhere must show. */
export class Witness {
  private name = 0;
  private orders = 0;
  private paidCents = 0;
  private orderId = '';

  constructor(
    private readonly customer: SignedIn,
    private readonly common: Common,
  ) {}

  /** @returns the reads that must show what this has written. */
  async write(index: number, wire: Wire): Promise<readonly Read[]> {
    if (index % 3 === 0 || this.orderId === '') return this.place(wire);
    if (index % 3 === 1) return this.pay(wire);
    return this.rename(wire);
  }

  private async place(wire: Wire): Promise<readonly Read[]> {
    const body = { currency: 'USD', items: [ITEM, { ...ITEM, sku: 'SKU-2' }] };
    const placed = await this.post(wire, '/orders', body);
    this.orderId = placed.body.id;
    this.orders += 1;
    this.common.orders += 1;
    const { orders, orderId } = this;
    const all = this.common.orders;
    return [
      [`/orders/${orderId}`, this.customer.token, ({ status }) => status === 200],
      ['/orders', this.customer.token, ({ body: { data } }) => data[0].id === orderId],
      [`/users/${this.customer.id}/orders`, this.common.admin.token, ({ body: { data } }) => data[0].id === orderId],
      [this.analytics, this.customer.token, ({ body: { ordersCount } }) => ordersCount === orders],
      ['/aggregate', this.common.analyst.token, ({ body: { orders: counted } }) => counted >= all],
    ];
  }

  private async pay(wire: Wire): Promise<readonly Read[]> {
    await this.post(wire, `/orders/${this.orderId}/payments`, { amountCents: 500, method: 'card' });
    this.paidCents += 500;
    const { paidCents, orderId } = this;
    const isPaid = ({ status, paidCents: cents }: { status: string; paidCents: number }): boolean =>
      status === 'paid' && cents === 500;
    return [
      [`/orders/${orderId}`, this.customer.token, ({ body }) => isPaid(body)],
      ['/orders', this.customer.token, ({ body }) => isPaid(body.data[0])],
      [`/orders/${orderId}/transactions`, this.customer.token, ({ body: { data } }) => data.length === 1],
      [this.analytics, this.common.analyst.token, ({ body: { revenue } }) => revenue.USD === paidCents],
    ];
  }

  private async rename(wire: Wire): Promise<readonly Read[]> {
    this.name += 1;
    const name = `Name ${this.name}`;
    const path = `/users/${this.customer.id}`;
    expectStatus(await wire.patch(path, { as: this.customer.token, body: { name } }), 200);
    return [
      [path, this.common.admin.token, ({ body }) => body.name === name],
      ['/users/me', this.customer.token, ({ body }) => body.name === name],
    ];
  }

  private get analytics(): string {
    return `/users/${this.customer.id}/analytics`;
  }

  private async post(wire: Wire, path: string, body: object): Promise<WireAnswer> {
    const headers = { 'Idempotency-Key': randomUUID() };
    return expectStatus(await wire.post(path, { as: this.customer.token, body, headers }), 201);
  }
}

export interface Findings {
  readonly pairs: number;
  /** Reads that did not show what was written before. */
  readonly stale: readonly string[];
  /** After so many different writes. */
  readonly staleWrites: number;
  /** Invalidations meanwhile, this traffic's and others', that every instance has acknowledged in time. */
  readonly told: number;
  /** Those answered although an instance had not acknowledged them in time, or could not be told. */
  readonly untold: number;
}

/**
 * Writes on one wire, and reads on each of the others once the write has been answered, until there are so many pairs.
 *
 * @param wires of the instances; the same one several times is fine.
 */
export async function writeThenRead(cluster: Cluster, wires: readonly Wire[], wanted: number): Promise<Findings> {
  const [analyst, admin] = [await cluster.factory.analyst(), await cluster.factory.admin()];
  const common: Common = { orders: 0, analyst, admin };
  const before = await invalidations(cluster);
  const stale: string[] = [];
  let staleWrites = 0;
  let pairs = 0;
  await inLanes(LANES, LANES, async (lane) => {
    const witness = new Witness(await cluster.factory.signedIn(), common);
    for (let index = 0; pairs < wanted; index += 1) {
      const turn = (lane + index) % wires.length;
      const reads = await witness.write(index, wireAt(wires, turn));
      const readers = wires.filter((_, position) => position !== turn);
      const found: string[] = [];
      for (const reader of readers) found.push(...(await staleOf(reads, reader)));
      pairs += reads.length * readers.length;
      stale.push(...found);
      if (found.length > 0) staleWrites += 1;
    }
  });
  const after = await invalidations(cluster);
  return { pairs, stale, staleWrites, told: after.told - before.told, untold: after.untold - before.untold };
}

async function invalidations(cluster: Cluster): Promise<Pick<Findings, 'told' | 'untold'>> {
  const [told = 0, unacknowledged = 0, deferred = 0] = await Promise.all(
    ['acknowledged', 'unacknowledged', 'deferred'].map((outcome) =>
      cluster.metric(`plinth_cache_invalidations_total{outcome="${outcome}"}`),
    ),
  );
  return { told, untold: unacknowledged + deferred };
}

/** All at once. @returns in words those that do not show what they must. */
async function staleOf(reads: readonly Read[], reader: Wire): Promise<readonly string[]> {
  const outcomes = await Promise.all(
    reads.map(async ([path, as, isFresh]) => {
      const answer = await reader.get(path, { as });
      return answer.status === 200 && isFresh(answer) ? undefined : describeStale(path, answer);
    }),
  );
  return outcomes.filter((outcome) => outcome !== undefined);
}

const LANES = 8;

export function wireAt(wires: readonly Wire[], index: number): Wire {
  const wire = wires[index % wires.length];
  if (!wire) throw new Error('there is no wire');
  return wire;
}

function describeStale(path: string, { status, headers, body }: WireAnswer): string {
  return `${path} → ${status} ${String(headers['cache-status'])} ${JSON.stringify(body).slice(0, 300)}`;
}

/** @throws Error with the answer when it has another status. */
export function expectStatus(answer: WireAnswer, status: number): WireAnswer {
  if (answer.status !== status) throw new Error(`not ${status}, but ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

/**
 * No stale read; but a machine that is too busy to acknowledge a write within 50 ms may show what was before it.
 *
 * @throws Error with the reads.
 */
export function expectCoherent({ pairs, stale, staleWrites, told, untold }: Findings): void {
  const figures = `${stale.length} stale reads in ${pairs} pairs, after ${staleWrites} writes; ${told} told, ${untold} untold in time`;
  if (stale.length > 0) process.stderr.write(`${figures}\n`);
  if (staleWrites > untold) throw new Error(`${figures}: ${stale.join('\n')}`);
  // Were nothing acknowledged any more, every stale read would be excused.
  if (told <= untold) throw new Error(`${figures}: the instances do not acknowledge`);
}
