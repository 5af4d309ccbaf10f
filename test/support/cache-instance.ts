import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheModule, LayeredCache } from '@app/cache';
import { Transaction } from '@app/database';
import { RedisModule } from '@app/redis';
import { DataSource } from 'typeorm';
import { until } from './waiting.js';

const transaction = { provide: Transaction, useFactory: () => new Transaction(new DataSource({ type: 'postgres' })) };

/** Transactions are what the cache hears of changes from; here none is ever opened. */
@Global()
@Module({ providers: [transaction], exports: [Transaction] })
export class TransactionsModule {}

/** The cache of one instance, with Redis connections of its own: several of them in a process are several instances. */
export class CacheInstance {
  private constructor(
    private readonly app: INestApplicationContext,
    readonly cache: LayeredCache,
  ) {}

  /** @param url undefined: single-instance mode. */
  static async start(url?: string): Promise<CacheInstance> {
    const imports = [
      TransactionsModule,
      RedisModule.forRoot({ url }),
      CacheModule.forRoot({ enabled: true, variantOf: () => '' }),
    ];
    const app = await NestFactory.createApplicationContext({ module: class Instance {}, imports }, { logger: false });
    return new CacheInstance(app, app.get(LayeredCache));
  }

  /** Connected, subscribed, and on the same footing as the others. */
  async ready(): Promise<this> {
    await until(() => this.cache.isShared);
    return this;
  }

  get transaction(): Transaction {
    return this.app.get(Transaction);
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}
