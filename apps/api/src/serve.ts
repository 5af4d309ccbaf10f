import cluster from 'node:cluster';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type OpenDatabase, openDatabase } from '@app/database';
import { listen } from '@app/edge';
import { AppLogger } from '@app/logging';
import { banner } from './app.banner.js';
import type { AppConfig } from './app.config.js';
import { developmentKeys } from './app.secrets.js';
import { createApp } from './create-app.js';
import { fillWithDemoData } from './demo/index.js';
import { stopOnSignal } from './stop-on-signal.js';

const log = new AppLogger('main');

interface Served {
  readonly app: NestExpressApplication;
  readonly url: string;
}

/** The server, in this process. */
export async function serve(config: AppConfig): Promise<void> {
  const opening = openDatabase({ url: config.database.url, dataDir: config.dataDir });
  let served: Served | undefined;
  const stopping = stopOnSignal(async () => {
    await served?.app.close(); // running requests end, then the pools close
    await (await opening).stop();
  });
  const database = await opening;
  try {
    served = await start(config, database);
  } catch (error) {
    if (stopping.aborted) return; // its database was stopped under it
    await database.stop();
    throw error;
  }
  if (cluster.isPrimary) announce(config, served.url, database);
}

/** Says to programs and to people where it listens. */
export function announce(config: AppConfig, reachedAt: string, { dataDir }: OpenDatabase): void {
  const { docs, publicUrl: url = reachedAt } = config;
  log.info('listening', { url });
  process.stderr.write(banner({ url, docs, demoData: config.database.demoData, dataDir }));
}

async function start(config: AppConfig, { url }: OpenDatabase): Promise<Served> {
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
