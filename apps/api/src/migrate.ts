import 'reflect-metadata';
import path from 'node:path';
import { migrateSchema, openDatabase } from '@app/database';
import { AppLogger, configureLogging } from '@app/logging';
import { ConfigError, parseConfig, readEnvironment } from './app.config.js';
import { databaseSettings } from './app.module.js';

const log = new AppLogger('migrate');

async function migrate(): Promise<void> {
  const config = parseConfig(readEnvironment(), process.stdout.isTTY);
  await configureLogging(config.log);
  const database = await openDatabase({ url: config.database.url, dataDir: path.resolve(config.dataDir ?? '.data') });
  try {
    const migrations = await migrateSchema(databaseSettings(config, database.url));
    log.info('the schema is current', { migrations });
  } finally {
    await database.stop();
  }
}

migrate().catch((error: unknown) => {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else log.error('the migration failed', { error });
  process.exit(1);
});
