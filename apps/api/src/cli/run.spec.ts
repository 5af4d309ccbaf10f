import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { run } from './run.js';

afterEach(() => void jest.restoreAllMocks());

describe('the command line', () => {
  it('a file that is not there → says which, and fails', async () => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const code = await run(['import', 'no-such.ndjson', '--token', 'a-token'], { INIT_CWD: '/nowhere' }, () =>
      Promise.reject(new Error('nobody asked for an admin')),
    );
    expect([code, said.mock.calls]).toEqual([1, [['There is no file /nowhere/no-such.ndjson.\n']]]);
  });
});
