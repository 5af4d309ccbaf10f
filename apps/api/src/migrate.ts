import 'reflect-metadata';
import { migrateSchema, openDatabase } from '@app/database';
import { AppLogger, configureLogging } from '@app/logging';
import { parseConfig } from './app.config.js';
import { readEnvironment } from './app.environment.js';
import { databaseSettings } from './app.module.js';
import { exitWithReason } from './exit-with-reason.js';

const log = new AppLogger('migrate');

async function migrate(): Promise<void> {
  const config = parseConfig(readEnvironment(), process.stdout.isTTY);
  await configureLogging(config.log);
  const database = await openDatabase({ url: config.database.url, dataDir: config.dataDir });
  try {
    const migrations = await migrateSchema(databaseSettings(config, database.url));
    log.info('the schema is current', { migrations });
  } finally {
    await database.stop();
  }
}

migrate().catch((error: unknown) => exitWithReason('the migration failed', error));
