import { openDatabase } from '@app/database';
import { reachableUrl } from '@app/edge';
import { relayBetweenWorkers } from '@app/telemetry';
import type { AppConfig } from './app.config.js';
import { announce } from './serve.js';
import { stopOnSignal } from './stop-on-signal.js';
import { WorkerProcesses } from './worker-processes.js';

/** Several servers on one port: this process takes the connections and hands them to the others in turn. */
export async function supervise(config: AppConfig): Promise<void> {
  const opening = openDatabase({ url: config.database.url, dataDir: config.dataDir });
  const workers = new WorkerProcesses();
  relayBetweenWorkers();
  const stopping = stopOnSignal(async () => {
    await workers.stop();
    await (await opening).stop();
  });
  const database = await opening;
  try {
    const address = await workers.start(config, { DATABASE_URL: database.url });
    announce(config, reachableUrl(address, config.tls !== undefined), database);
  } catch (error) {
    if (stopping.aborted) return; // they were stopped while they started
    await workers.stop();
    await database.stop();
    throw error;
  }
}
