import 'reflect-metadata';
import path from 'node:path';
import { openDatabase } from '@app/database';
import { AppLogger, configureLogging } from '@app/logging';
import { banner } from './app.banner.js';
import { ConfigError, parseConfig, readEnvironment } from './app.config.js';
import { developmentKeys } from './app.secrets.js';
import { createApp } from './create-app.js';
import { fillWithDemoData } from './demo/index.js';
import { stopOnSignal } from './stop-on-signal.js';

const log = new AppLogger('main');

async function start(): Promise<void> {
  const config = parseConfig(readEnvironment(), process.stdout.isTTY);
  await configureLogging(config.log);
  const dataDir = path.resolve(config.dataDir ?? '.data');
  const database = await openDatabase({ url: config.database.url, dataDir });
  try {
    const keys = config.jwt.keys ?? developmentKeys(dataDir);
    const app = await createApp(config, { databaseUrl: database.url, keys });
    stopOnSignal(async () => {
      await app.close(); // running requests end, then the pools close
      await database.stop();
    });
    await app.init();
    if (config.database.demoData) await fillWithDemoData(app);
    await app.listen(config.port, config.host);
    const url = config.publicUrl ?? (await app.getUrl());
    log.info('listening', { url });
    process.stderr.write(banner({ url, docs: config.docs, demoData: config.database.demoData, dataDir: database.dataDir }));
  } catch (error) {
    await database.stop();
    throw error;
  }
}

start().catch((error: unknown) => {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else log.error('the start failed', { error });
  process.exit(1);
});
