import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { openApiDocument } from '../../apps/api/src/app.openapi.js';
import { ApiClient } from './api-client.js';
import { Contract } from './contract.js';
import { TEST_KEYS, type TestApp, UNLIMITED } from './test-app.js';

const MAIN = 'dist/apps/api/src/main.js';

/**
 * Another instance on the database of a {@link TestApp}, as a process of its own: passport and the logger exist once a
 * process, so that two applications in one would share what they must not.
 */
export class SecondInstance {
  private constructor(
    private readonly child: ChildProcess,
    readonly client: ApiClient,
  ) {}

  /** Its log lines go to the log of the first. @param environment variables over the defaults of the tests. */
  static async start(
    { app, database, log }: TestApp,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<SecondInstance> {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'test',
        DATABASE_URL: database.url,
        JWT_KEYS: TEST_KEYS,
        ...UNLIMITED,
        PORT: '0',
        DEMO_DATA: 'false',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const complaints: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the second instance ended with ${code}: ${complaints.join('')}`)));
      createInterface(child.stdout).on('line', (line) => {
        log.write(line);
        const parsed: { message: string; url: string } = JSON.parse(line);
        if (parsed.message === 'listening') resolve(parsed.url);
      });
    });
    return new SecondInstance(child, new ApiClient(url, new Contract(openApiDocument(app)), log));
  }

  /** Holds the process where it is, as an overloaded machine would. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
