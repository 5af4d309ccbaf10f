import fs from 'node:fs';
import { afterAll, afterEach } from '@jest/globals';

type Cleanup = () => unknown;

/** Undone in reverse order: after each test what it asked for, after all what was asked for outside of tests. */
export class Cleanups {
  private readonly tasks: Cleanup[] = [];

  static afterEach(): Cleanups {
    const cleanups = new Cleanups();
    afterEach(() => cleanups.run());
    return cleanups;
  }

  static afterAll(): Cleanups {
    const cleanups = new Cleanups();
    afterAll(() => cleanups.run());
    return cleanups;
  }

  add(task: Cleanup): void {
    this.tasks.push(task);
  }

  /** A directory that every account may enter, unlike what mkdtemp makes. */
  aDirectory(mode = 0o755): string {
    const directory = fs.mkdtempSync('/tmp/plinth-test-');
    fs.chmodSync(directory, mode);
    this.add(() => fs.rmSync(directory, { recursive: true, force: true, maxRetries: 20 }));
    return directory;
  }

  /** All of them, even when one fails. */
  private async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const task of this.tasks.splice(0).toReversed()) {
      try {
        await task();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
  }
}
