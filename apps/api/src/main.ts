import 'reflect-metadata';
import cluster from 'node:cluster';
import { configureLogging } from '@app/logging';
import { parseConfig } from './app.config.js';
import { readEnvironment } from './app.environment.js';
import { exitWithReason } from './exit-with-reason.js';
import { serve } from './serve.js';
import { supervise } from './supervise.js';

async function start(): Promise<void> {
  const config = parseConfig(readEnvironment(), process.stdout.isTTY);
  await configureLogging(config.log);
  await (config.workers > 1 && cluster.isPrimary ? supervise(config) : serve(config));
}

process.on('uncaughtException', (error) => exitWithReason('an error that nobody caught', error));
start().catch((error: unknown) => exitWithReason('the start failed', error));
