import { type DynamicModule, Global, Module } from '@nestjs/common';
import { RedisConnection } from './redis-connection.js';
import { RedisOptions } from './redis-options.js';
import { RedisSubscriber } from './redis-subscriber.js';

/** The two connections of the process: one for commands, one that hears messages. */
@Global()
@Module({})
export class RedisModule {
  static forRoot(options: RedisOptions): DynamicModule {
    return {
      module: RedisModule,
      providers: [{ provide: RedisOptions, useValue: options }, RedisConnection, RedisSubscriber],
      exports: [RedisConnection, RedisSubscriber],
    };
  }
}
