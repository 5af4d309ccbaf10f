import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import type { Launch } from './launch.js';
import { launchProgram } from './launch-program.js';
import { ServerProcess } from './server-process.js';

const ATTEMPTS = 20;

export interface ServerSettings {
  /** More arguments for `postgres`, such as ['-c', 'fsync=off']. */
  readonly flags: readonly string[];
  /** A free one unless given. */
  readonly port?: number;
}

/** A server that takes connections on 127.0.0.1. */
export interface StartedServer {
  readonly server: ServerProcess;
  readonly port: number;
}

/**
 * Starts the server on a port of 127.0.0.1, without Unix sockets, and waits until it takes connections.
 * Tries again, up to 20 times, when another program was faster to take the port, or the processes or the shared memory
 * of a killed server linger for a moment.
 *
 * @throws EmbeddedPostgresError with the end of the server's output
 */
export async function startServer(launch: Launch, { flags, port: wanted }: ServerSettings): Promise<StartedServer> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort());
    const child = await launchProgram(launch, 'postgres', serverArguments(launch, port, flags));
    const server = new ServerProcess(child, launch);
    const failure = await server.untilReady();
    if (failure === undefined) return { server, port };
    const pauseMs = pauseBeforeRetryMs(failure);
    if (pauseMs === undefined || attempt >= ATTEMPTS) throw new EmbeddedPostgresError(`no start: ${failure}`);
    launch.onLog(`PostgreSQL did not start, trying again: ${failure}`);
    await delay(pauseMs);
  }
}

function serverArguments({ dataDir }: Launch, port: number, flags: readonly string[]): readonly string[] {
  const listen = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  return ['-D', path.join(dataDir, 'pgdata'), ...listen, ...flags];
}

function pauseBeforeRetryMs(failure: string): number | undefined {
  if (/could not bind|Address already in use|could not create any TCP\/IP sockets/.test(failure)) return 0;
  return /lock file .* already exists|is still in use/.test(failure) ? 250 : undefined;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  if (isAddressInfo(address)) return address.port;
  throw new EmbeddedPostgresError('no free port on 127.0.0.1');
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
