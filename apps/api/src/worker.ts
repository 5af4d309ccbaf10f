import 'reflect-metadata';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type OpenDatabase, openDatabase } from '@app/database';
import { AppLogger, configureLogging, NestLogger } from '@app/logging';
import { parseConfig } from './app.config.js';
import { readEnvironment } from './app.environment.js';
import { AppModule } from './app.module.js';
import { developmentKeys } from './app.secrets.js';
import { exitWithReason } from './exit-with-reason.js';
import { stopOnSignal } from './stop-on-signal.js';

const log = new AppLogger('worker');

/** The application without its server: it takes jobs, and hands the one at hand back when it is told to stop. */
async function start(): Promise<void> {
  const config = parseConfig(readEnvironment(), process.stdout.isTTY);
  await configureLogging(config.log);
  const opening = openDatabase({ url: config.database.url, dataDir: config.dataDir });
  let app: INestApplicationContext | undefined;
  const stopping = stopOnSignal(async () => {
    await app?.close();
    await (await opening).stop();
  });
  const database = await opening;
  try {
    app = await work({ ...config, jobs: true }, database);
  } catch (error) {
    if (stopping.aborted) return; // its database was stopped under it
    await database.stop();
    throw error;
  }
  log.info('working', { pid: process.pid });
}

function work(config: ReturnType<typeof parseConfig>, { url }: OpenDatabase): Promise<INestApplicationContext> {
  const keys = config.jwt.keys ?? developmentKeys(config.dataDir);
  return NestFactory.createApplicationContext(AppModule.forRoot(config, { databaseUrl: url, keys }), {
    logger: new NestLogger(),
    abortOnError: false,
  });
}

process.on('uncaughtException', (error) => exitWithReason('an error that nobody caught', error));
start().catch((error: unknown) => exitWithReason('the start failed', error));
