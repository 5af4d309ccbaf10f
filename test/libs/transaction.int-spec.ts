import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Transaction } from '@app/database';
import { configureLogging } from '@app/logging';
import { DataSource, QueryFailedError } from 'typeorm';
import { LogCapture } from '../support/log-capture.js';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let dataSource: DataSource;
let transaction: Transaction;
let heard: string[];
let log: LogCapture;

beforeAll(async () => {
  database = await createEmptyDatabase();
  dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  await dataSource.query('CREATE TABLE things (id int PRIMARY KEY)');
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

beforeEach(async () => {
  log = new LogCapture();
  await configureLogging({ level: 'error', format: 'json', stream: log });
  await dataSource.query('TRUNCATE things');
  transaction = new Transaction(dataSource);
  heard = [];
  transaction.onChange(async (names) => {
    heard.push(`${names.join()} with ${await count()} committed`);
  });
});

/** As another connection sees it. */
async function count(): Promise<number> {
  const rows: readonly { count: string }[] = await dataSource.query('SELECT count(*) FROM things');
  return Number(rows[0]?.count);
}

function insert(id: number): Promise<unknown> {
  return transaction.run((manager) => manager.query('INSERT INTO things VALUES ($1)', [id]));
}

describe('a transaction within another', () => {
  it('commits with it', async () => {
    await transaction.run(async () => {
      await insert(1);
      expect(await count()).toBe(0);
      await insert(2);
    });
    expect(await count()).toBe(2);
  });

  it('is rolled back with it', async () => {
    await expect(
      transaction.run(async () => {
        await insert(1);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await count()).toBe(0);
  });

  it('beside it, not within → on its own', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const outer = transaction.run(async (manager) => {
      await manager.query('INSERT INTO things VALUES (1)');
      await promise;
      throw new Error('no');
    });
    await insert(2);
    resolve();
    await expect(outer).rejects.toThrow('no');
    expect(await count()).toBe(1);
  });

  it('a victim of a deadlock → the whole is run again, by the outermost', async () => {
    const attempts: string[] = [];
    await transaction.run(async () => {
      attempts.push('outer');
      await transaction.run(async (manager) => {
        attempts.push('inner');
        await manager.query('INSERT INTO things VALUES (1)');
        if (attempts.length < 4) throw new QueryFailedError('', [], Object.assign(new Error(), { code: '40P01' }));
      });
    });
    expect(attempts).toEqual(['outer', 'inner', 'outer', 'inner']);
    expect(await count()).toBe(1);
  });
});

describe('what follows a commit', () => {
  it('changes → told once, together, when they are committed', async () => {
    await transaction.run(async () => {
      await insert(1);
      await transaction.changed('a', 'b');
      await transaction.changed('b', 'c');
      expect(transaction.changes).toEqual(['a', 'b', 'c']);
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual(['a,b,c with 1 committed']);
  });

  it('a rollback → nobody hears of them', async () => {
    const failing = transaction.run(async () => {
      await transaction.changed('a');
      await transaction.afterCommit(() => void heard.push('hook'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(heard).toEqual([]);
  });

  it('an attempt that was repeated → what it named does not count', async () => {
    let attempts = 0;
    await transaction.run(async () => {
      attempts += 1;
      await transaction.changed(`attempt ${attempts}`);
      if (attempts === 1) throw new QueryFailedError('', [], Object.assign(new Error(), { code: '40001' }));
    });
    expect(heard).toEqual(['attempt 2 with 0 committed']);
  });

  it('several transactions, gathered → told once, at the end, whatever comes of them', async () => {
    const work = transaction.gather(async () => {
      await transaction.run(async () => transaction.changed('a'));
      await transaction.run(async () => transaction.changed('a', 'b'));
      expect(heard).toEqual([]);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(heard).toEqual(['a,b with 0 committed']);
  });

  it('the connection is lost at the commit → told, since it may have committed', async () => {
    const work = transaction.run(async (manager) => {
      await transaction.changed('a');
      await manager.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(work).rejects.toThrow();
    expect(heard).toEqual(['a with 0 committed']);
  });

  it('outside of a transaction → at once', async () => {
    await transaction.changed('a');
    await transaction.afterCommit(() => void heard.push('hook'));
    expect(heard).toEqual(['a with 0 committed', 'hook']);
  });

  it('hooks → awaited by the caller, outside of the transaction', async () => {
    await transaction.run(async () => {
      await insert(1);
      await transaction.afterCommit(async () => {
        await insert(2);
        heard.push('done');
      });
    });
    expect([await count(), heard]).toEqual([2, ['done']]);
  });

  it('a hook that fails → is logged; the commit stands, and the others run', async () => {
    const result = await transaction.run(async () => {
      await transaction.afterCommit(() => Promise.reject(new Error('hook failed')));
      await transaction.afterCommit(() => void heard.push('other'));
      return 'result';
    });
    expect([result, heard]).toEqual(['result', ['other']]);
    expect(log.lines()).toMatchObject([{ level: 'error', error: { message: 'hook failed' } }]);
  });
});
