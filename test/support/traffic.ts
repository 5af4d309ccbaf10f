import { randomUUID } from 'node:crypto';
import type { Cluster } from './cluster.js';
import type { SignedIn } from './factory.js';
import { Wire, type WireAnswer } from './wire.js';

/** Enough to have requests under way at any moment, and little enough that the machine is not the bottleneck. */
const LANES = 6;
const ORDER = { currency: 'USD', items: [{ sku: 'SKU-1', name: 'Thing', quantity: 1, unitPriceCents: 100 }] };

export interface Tally {
  readonly requests: number;
  readonly worstMs: number;
  /** Answers of 5xx, refusals, and connections that broke, each in words. */
  readonly failures: readonly string[];
}

/** Reads and writes of several customers through nginx, one after the other in each lane, until it is stopped. */
export class Traffic {
  private readonly wire: Wire;
  private requests = 0;
  private worstMs = 0;
  private failures: string[] = [];
  private isRunning = true;
  private lanes: Promise<unknown> = Promise.resolve();

  private constructor(cluster: Cluster) {
    this.wire = new Wire(cluster.url);
  }

  static async start(cluster: Cluster): Promise<Traffic> {
    const traffic = new Traffic(cluster);
    const analyst = await cluster.factory.analyst();
    const customers = await Promise.all(Array.from({ length: LANES }, () => cluster.factory.signedIn()));
    traffic.lanes = Promise.all(customers.map((customer) => traffic.lane(customer, analyst)));
    return traffic;
  }

  /** @returns what was seen since the last time. */
  tally(): Tally {
    const { requests, worstMs, failures } = this;
    [this.requests, this.worstMs, this.failures] = [0, 0, []];
    return { requests, worstMs: Math.round(worstMs), failures };
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await this.lanes;
    this.wire.close();
  }

  private async lane({ id, token }: SignedIn, analyst: SignedIn): Promise<void> {
    while (this.isRunning) {
      const headers = { 'Idempotency-Key': randomUUID() };
      await this.note('POST /orders', 201, () => this.wire.post('/orders', { as: token, body: ORDER, headers }));
      await this.note('PATCH /users', 200, () =>
        this.wire.patch(`/users/${id}`, { as: token, body: { name: randomUUID() } }),
      );
      for (const path of ['/orders', `/users/${id}`, `/users/${id}/analytics`]) await this.read(path, token);
      await this.read('/aggregate', analyst.token);
    }
  }

  private read(path: string, as: string): Promise<void> {
    return this.note(`GET ${path}`, 200, () => this.wire.get(path, { as }));
  }

  private async note(what: string, status: number, send: () => Promise<WireAnswer>): Promise<void> {
    try {
      const answer = await send();
      this.requests += 1;
      this.worstMs = Math.max(this.worstMs, answer.ms);
      if (answer.status !== status) this.failures.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
    } catch (error) {
      this.failures.push(`${what}: ${String(error)}`);
    }
  }
}
