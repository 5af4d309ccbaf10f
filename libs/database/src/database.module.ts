import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type DatabaseSettings, dataSourceOptions } from './data-source-options.js';
import { migrateSchema, requireCurrentSchema } from './migrate-schema.js';
import { Transaction } from './transaction.js';

export interface DatabaseModuleOptions extends DatabaseSettings {
  /** `auto` brings the schema up before the first query, `off` refuses to start on an old one. */
  readonly migrate: 'auto' | 'off';
}

/** Attempts to reach the database at start-up, a second apart; after that the start fails and the supervisor decides. */
const CONNECT_ATTEMPTS = 10;
const CONNECT_DELAY_MS = 1_000;

/** The data source of the process, its schema brought up, and {@link Transaction}. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseModuleOptions): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            ...dataSourceOptions(options),
            retryAttempts: CONNECT_ATTEMPTS,
            retryDelay: CONNECT_DELAY_MS,
          }),
          dataSourceFactory: async (dataSource) => {
            await (options.migrate === 'auto' ? migrateSchema(options) : requireCurrentSchema(options));
            return new DataSource(dataSource ?? dataSourceOptions(options)).initialize();
          },
        }),
      ],
      providers: [Transaction],
      exports: [Transaction],
    };
  }
}
