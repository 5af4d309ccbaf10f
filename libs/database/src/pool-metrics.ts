import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Pool, showPools } from './database.metrics.js';

/** Shows the pools of the data source in the metrics, read when they are. */
@Injectable()
export class PoolMetrics implements OnModuleInit, OnModuleDestroy {
  private hide: (() => void) | undefined;

  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    this.hide = showPools(
      () =>
        new Map([
          ['primary', poolsOf(this.dataSource, 'master')],
          ['replica', poolsOf(this.dataSource, 'slaves')],
        ]),
    );
  }

  onModuleDestroy(): void {
    this.hide?.();
  }
}

/** TypeORM's driver does not declare them. */
function poolsOf({ driver }: DataSource, member: 'master' | 'slaves'): readonly Pool[] {
  const pools: unknown = Reflect.get(driver, member);
  return [pools].flat().filter((pool) => isPool(pool));
}

function isPool(value: unknown): value is Pool {
  return typeof value === 'object' && value !== null && 'waitingCount' in value && 'options' in value;
}
