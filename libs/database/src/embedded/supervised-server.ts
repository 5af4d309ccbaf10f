import { setTimeout as delay } from 'node:timers/promises';
import type { Launch } from './launch.js';
import type { ServerProcess } from './server-process.js';
import { type ServerSettings, startServer } from './server-start.js';

/** A server that cannot live is not started more often than this. */
const PAUSE_MS = 250;

/** A server that is started again, on its port, when it has ended by itself: killed for its memory, for instance. */
export class SupervisedServer {
  readonly #launch: Launch;
  readonly #settings: Required<ServerSettings>;
  #server: ServerProcess;
  #isStopping = false;
  #restarting: Promise<void> | undefined;

  private constructor(launch: Launch, settings: Required<ServerSettings>, server: ServerProcess) {
    this.#launch = launch;
    this.#settings = settings;
    this.#server = server;
    this.#watch();
  }

  /** @throws EmbeddedPostgresError when the first start fails. */
  static async start(launch: Launch, settings: ServerSettings): Promise<SupervisedServer> {
    const { server, port } = await startServer(launch, settings);
    return new SupervisedServer(launch, { ...settings, port }, server);
  }

  get pid(): number {
    return this.#server.pid;
  }

  get port(): number {
    return this.#settings.port;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#restarting;
    await this.#server.stop();
  }

  #watch(): void {
    void this.#server.ended.then(() => {
      if (!this.#isStopping) this.#restarting = this.#restart();
    });
  }

  async #restart(): Promise<void> {
    await delay(PAUSE_MS);
    if (this.#isStopping) return;
    try {
      this.#server = (await startServer(this.#launch, this.#settings)).server;
      this.#launch.onLog(`PostgreSQL was started again (pid ${this.pid})`);
      this.#watch();
    } catch (error) {
      this.#launch.onLog(`PostgreSQL does not start again, and queries fail: ${String(error)}`);
    }
  }
}
