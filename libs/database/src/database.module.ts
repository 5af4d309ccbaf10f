import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type DatabaseSettings, dataSourceOptions, directUrlOf } from './data-source-options.js';
import { DirectDatabase } from './direct-database.js';
import { migrateSchema, requireCurrentSchema } from './migrate-schema.js';
import { openDataSource } from './open-data-source.js';
import { PoolMetrics } from './pool-metrics.js';
import { REPLICA_SETTINGS, Replicas } from './replicas/replicas.js';
import { WrittenPositions } from './replicas/written-positions.js';
import { Snapshot } from './snapshot.js';
import { Transaction } from './transaction.js';

export interface DatabaseModuleOptions extends DatabaseSettings {
  /** `auto` brings the schema up before the first query, `off` refuses to start on an old one. */
  readonly migrate: 'auto' | 'off';
  /** Streaming replicas, for reads that allow lag; with any, `RedisModule` is needed. */
  readonly replicaUrls?: readonly string[];
}

/** The data source of the process, its schema brought up, {@link Transaction} and {@link Snapshot}. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseModuleOptions): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          // openDataSource has tried as often as it makes sense, and a refusal stays one.
          useFactory: () => ({ ...dataSourceOptions(options), toRetry: () => false }),
          dataSourceFactory: async () => {
            await (options.migrate === 'auto' ? migrateSchema(options) : requireCurrentSchema(options));
            return openDataSource(options);
          },
        }),
      ],
      providers: [
        { provide: DirectDatabase, useValue: { url: directUrlOf(options) } },
        PoolMetrics,
        Snapshot,
        Transaction,
        ...replicaProviders(options),
      ],
      exports: [DirectDatabase, Snapshot, Transaction],
    };
  }
}

/** Without replicas, nothing asks how far anybody is. */
function replicaProviders({ replicaUrls = [], ...settings }: DatabaseModuleOptions): Provider[] {
  if (replicaUrls.length === 0) return [];
  const own = { ...settings, migrations: [], applicationName: `${settings.applicationName}-replica` };
  return [
    Replicas,
    WrittenPositions,
    { provide: REPLICA_SETTINGS, useValue: replicaUrls.map((url) => ({ ...own, url })) },
  ];
}
