import { Injectable, type OnModuleDestroy, type OnModuleInit, Optional } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Pool, showPools } from './database.metrics.js';
import { Replicas } from './replicas/replicas.js';

/** Shows the pools of the process in the metrics, read when they are. */
@Injectable()
export class PoolMetrics implements OnModuleInit, OnModuleDestroy {
  private hide: (() => void) | undefined;

  constructor(
    private readonly dataSource: DataSource,
    @Optional() private readonly replicas?: Replicas,
  ) {}

  onModuleInit(): void {
    this.hide = showPools(
      () =>
        new Map([
          ['primary', poolOf(this.dataSource)],
          ['replica', this.replicas?.dataSources.flatMap((source) => poolOf(source)) ?? []],
        ]),
    );
  }

  onModuleDestroy(): void {
    this.hide?.();
  }
}

/** TypeORM's driver does not declare it. */
function poolOf({ driver }: DataSource): readonly Pool[] {
  return [Reflect.get(driver, 'master')].filter((pool) => isPool(pool));
}

function isPool(value: unknown): value is Pool {
  return typeof value === 'object' && value !== null && 'waitingCount' in value && 'options' in value;
}
