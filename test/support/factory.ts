import type { INestApplicationContext } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { PasswordHasher } from '@app/auth';
import { newId } from '@app/database';
import { DataSource } from 'typeorm';
import { Session } from '../../apps/api/src/auth/index.js';
import { Order, OrderItem, OrderTransaction } from '../../apps/api/src/orders/index.js';
import { User } from '../../apps/api/src/users/index.js';

export const PASSWORD = 'a password for tests';

export interface SignedIn {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly sessionId: string;
  readonly token: string;
}

/** Rows as a test needs them, past the API: fast, and in states that would take many requests to reach. */
export class Factory {
  private readonly dataSource: DataSource;
  private count = 0;
  private passwordHash: Promise<string> | undefined;

  constructor(private readonly app: INestApplicationContext) {
    this.dataSource = app.get(DataSource);
  }

  /** A user whose password is {@link PASSWORD}. */
  async aUser(members: Partial<User> = {}): Promise<User> {
    this.count += 1;
    this.passwordHash ??= this.app.get(PasswordHasher).hash(PASSWORD);
    const email = members.email ?? `user-${this.count}-${newId()}@example.com`;
    const users = this.dataSource.getRepository(User);
    const user = users.create({
      id: newId(),
      name: `User ${this.count}`,
      email,
      emailKey: email.toLowerCase(),
      age: null,
      roles: ['customer'],
      disabled: false,
      passwordHash: await this.passwordHash,
      deletedAt: null,
      ...members,
    });
    await users.insert(user);
    return user;
  }

  /** A user with a session, without the cost of a password. */
  async signedIn(members: Partial<User> = {}): Promise<SignedIn> {
    return this.session(await this.aUser(members));
  }

  admin(): Promise<SignedIn> {
    return this.signedIn({ roles: ['customer', 'admin'] });
  }

  analyst(): Promise<SignedIn> {
    return this.signedIn({ roles: ['customer', 'analyst'] });
  }

  /** One more session of a user. */
  async session({ id, email, name, roles }: User): Promise<SignedIn> {
    const sessionId = newId();
    const expiresAt = new Date(Date.now() + 3_600_000);
    await this.dataSource.getRepository(Session).insert({
      id: sessionId,
      userId: id,
      lastUsedAt: new Date(),
      expiresAt,
      userAgent: null,
      ip: null,
      revokedAt: null,
    });
    const token = await this.app
      .get(JwtService)
      .signAsync({ sid: sessionId, roles }, { subject: id, jwtid: newId(), expiresIn: 1_800 });
    return { id, email, name, sessionId, token };
  }

  /** An order of two items over 30.00 USD; its amounts and movements fit the status unless they are given. */
  async anOrder(
    userId: string,
    members: Partial<Omit<Order, 'items'>> & { skus?: readonly string[] } = {},
  ): Promise<Order> {
    const { skus = ['SKU-A', 'SKU-B'], ...given } = members;
    const status = given.status ?? 'pending';
    const totalCents = skus.length * 1_500;
    const paidCents = ['paid', 'shipped', 'delivered', 'refunded'].includes(status) ? totalCents : 0;
    const refundedCents = status === 'refunded' ? totalCents : 0;
    const orders = this.dataSource.getRepository(Order);
    const order = orders.create({
      id: newId(),
      userId,
      status,
      currency: 'USD',
      totalCents,
      paidCents,
      refundedCents,
      note: null,
      ...given,
    });
    await orders.insert(order);
    order.items = await this.items(order.id, skus);
    await this.movements(order);
    return order;
  }

  private async items(orderId: string, skus: readonly string[]): Promise<OrderItem[]> {
    const items = this.dataSource.getRepository(OrderItem);
    const rows = skus.map((sku, position) =>
      items.create({
        id: newId(),
        orderId,
        position,
        sku,
        name: `Item ${sku}`,
        quantity: 1,
        unitPriceCents: 1_500,
        lineCents: 1_500,
      }),
    );
    await items.insert(rows);
    return rows;
  }

  private async movements({ id: orderId, currency, paidCents, refundedCents }: Order): Promise<void> {
    const transactions = this.dataSource.getRepository(OrderTransaction);
    if (paidCents > 0)
      await transactions.insert({
        id: newId(),
        orderId,
        kind: 'payment',
        amountCents: paidCents,
        currency,
        method: 'card',
        reason: null,
        reference: `${orderId}/p`,
      });
    if (refundedCents > 0)
      await transactions.insert({
        id: newId(),
        orderId,
        kind: 'refund',
        amountCents: refundedCents,
        currency,
        method: null,
        reason: 'Test.',
        reference: `${orderId}/r`,
      });
  }
}
