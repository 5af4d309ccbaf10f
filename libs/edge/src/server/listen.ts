import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface Place {
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
}

/**
 * Connections that wait to be taken; the system has a limit of its own (`net.core.somaxconn`). Where the queue is full, a
 * caller's system tries again after one second, then two, then four, and calls that slow.
 */
const BACKLOG = 4_096;
/**
 * Node takes one connection from a listening socket in a turn of its event loop: a hundred a second while turns take 10 ms,
 * as they do under load, and probes wait behind the others. So many sockets listen on the same port.
 */
const DOORS = 64;

/** Where somebody comes in every turn, some will be lost. */
const PATIENCE_MS = 500;

/** Where one reaches a server that listens on all addresses. */
const REACHABLE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

const sideDoors = new WeakMap<Server, readonly net.Server[]>();

/** @returns the URL. @throws Error, with `syscall: 'listen'`, when the port is taken or not allowed. */
export async function listen(server: Server, place: Place): Promise<string> {
  const isShared = process.platform === 'linux' && !cluster.isWorker; // the primary takes connections for its workers
  if (isShared && place.port !== 0) await requireFree(place);
  const address = await open(server, { ...place, reusePort: isShared });
  if (isShared) await openSideDoors(server, { ...place, port: address.port });
  return reachableUrl(address, server instanceof https.Server);
}

/** Where one on this machine reaches what listens there. */
export function reachableUrl({ address, port }: { address: string; port: number }, isHttps: boolean): string {
  const reachable = REACHABLE[address] ?? address;
  const name = reachable.includes(':') ? `[${reachable}]` : reachable;
  return `${isHttps ? 'https' : 'http'}://${name}:${port}`;
}

/**
 * At once. Connections that exist go on: http's own `close` would cut those that are idle, and a request may be on its way
 * there.
 *
 * @returns when all of them have ended.
 */
export async function stopListening(server: Server): Promise<void> {
  const doors = [server, ...(sideDoors.get(server) ?? [])];
  await Promise.all(doors.map((door) => new Promise((closed) => net.Server.prototype.close.call(door, closed))));
}

/**
 * Connections that nobody has taken yet are lost with the socket they wait at. Each socket gives one in a turn of the event
 * loop: a turn that brought none found nobody waiting.
 */
export async function nobodyWaits(server: Server): Promise<void> {
  const lastAt = performance.now() + PATIENCE_MS;
  let cameInTurn = true;
  const came = (): void => void (cameInTurn = true);
  server.on('connection', came);
  while (cameInTurn && performance.now() < lastAt) {
    cameInTurn = false;
    await nextTurn();
    await nextTurn();
  }
  server.off('connection', came);
}

/** What shares its port with other sockets would share it with those of another process as well. */
async function requireFree(place: Place): Promise<void> {
  const probe = net.createServer();
  await open(probe, place);
  probe.close();
  await once(probe, 'close');
}

async function openSideDoors(server: Server, place: Place): Promise<void> {
  const doors = Array.from({ length: DOORS - 1 }, () =>
    net.createServer({ noDelay: true }, (socket) => server.emit('connection', socket)),
  );
  sideDoors.set(server, doors);
  for (const door of doors) await open(door, { ...place, reusePort: true });
}

async function open(server: net.Server, options: Place & { readonly reusePort?: boolean }): Promise<net.AddressInfo> {
  server.listen({ ...options, backlog: BACKLOG });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}
