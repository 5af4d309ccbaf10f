import 'reflect-metadata';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type OpenDatabase, openDatabase } from '@app/database';
import { listen } from '@app/edge';
import { AppLogger, configureLogging } from '@app/logging';
import { banner } from './app.banner.js';
import { type AppConfig, parseConfig } from './app.config.js';
import { readEnvironment } from './app.environment.js';
import { developmentKeys } from './app.secrets.js';
import { createApp } from './create-app.js';
import { fillWithDemoData } from './demo/index.js';
import { exitWithReason } from './exit-with-reason.js';
import { stopOnSignal } from './stop-on-signal.js';

const log = new AppLogger('main');

async function start(): Promise<void> {
  const config = parseConfig(readEnvironment(), process.stdout.isTTY);
  await configureLogging(config.log);
  const opening = openDatabase({ url: config.database.url, dataDir: config.dataDir });
  let served: Served | undefined;
  const stopping = stopOnSignal(async () => {
    await served?.app.close(); // running requests end, then the pools close
    await (await opening).stop();
  });
  const database = await opening;
  try {
    served = await serve(config, database);
  } catch (error) {
    if (stopping.aborted) return; // its database was stopped under it
    await database.stop();
    throw error;
  }
  const { docs, publicUrl: url = served.url } = config;
  log.info('listening', { url });
  process.stderr.write(banner({ url, docs, demoData: config.database.demoData, dataDir: database.dataDir }));
}

interface Served {
  readonly app: NestExpressApplication;
  readonly url: string;
}

async function serve(config: AppConfig, { url }: OpenDatabase): Promise<Served> {
  const keys = config.jwt.keys ?? developmentKeys(config.dataDir);
  const app = await createApp(config, { databaseUrl: url, keys });
  await app.init();
  try {
    if (config.database.demoData) await fillWithDemoData(app);
    return { app, url: await listen(app.getHttpServer(), config) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

process.on('uncaughtException', (error) => exitWithReason('an error that nobody caught', error));
start().catch((error: unknown) => exitWithReason('the start failed', error));
