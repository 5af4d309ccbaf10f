import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Cleanups } from './cleanups.js';
import { end } from './processes.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Both connections in a Node process of their own, on the compiled lib. It writes `ready` once the subscriber is confirmed
 * (or after its first attempt), `late <isConfirmed>` when it finds that it was held for a second, and closes both on
 * SIGTERM: its end shows that nothing was left open.
 */
export function aRedisChild(cleanups: Cleanups, url: string): ChildProcess {
  const lib = (name: string): string => pathToFileURL(path.join(ROOT, `dist/libs/${name}/src/index.js`)).href;
  const script = `
    await import('reflect-metadata');
    const { configureLogging } = await import(${JSON.stringify(lib('logging'))});
    const { RedisConnection, RedisSubscriber } = await import(${JSON.stringify(lib('redis'))});
    await configureLogging({ level: 'silent', format: 'json' });
    const both = [new RedisConnection({ url: ${JSON.stringify(url)} }), new RedisSubscriber({ url: ${JSON.stringify(url)} })];
    await Promise.all(both.map((each) => each.onModuleInit()));
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      if (now - last > 1_000) process.stdout.write('late ' + both[1].isConfirmed + '\\n');
      last = now;
    }, 20);
    process.once('SIGTERM', () => { clearInterval(timer); for (const each of both) each.onApplicationShutdown(); });
    for (let n = 0; both[0].isUp && !both[1].isConfirmed && n < 200; n += 1) await new Promise((done) => setTimeout(done, 10));
    process.stdout.write('ready\\n');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.add(() => end(child, 'SIGKILL'));
  return child;
}
