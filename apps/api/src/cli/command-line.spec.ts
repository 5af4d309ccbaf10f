import { describe, expect, it } from '@jest/globals';
import { parseCommand, UsageError } from './command-line.js';

describe('a command line', () => {
  it('import with a file → the local server, and nobody yet', () => {
    expect(parseCommand(['import', 'orders.ndjson'])).toEqual({
      name: 'import',
      file: 'orders.ndjson',
      url: 'http://localhost:3000',
      email: undefined,
      token: undefined,
    });
  });

  it('import with options, before or after → as they are given', () => {
    const command = parseCommand(['--email', 'a@example.com', 'import', '-', '--url=https://api.example.com']);
    expect(command).toMatchObject({ file: '-', email: 'a@example.com', url: 'https://api.example.com' });
  });

  it('create-admin with an address → Administrator, whose password stays if he is known', () => {
    expect(parseCommand(['create-admin', '--email', 'a@example.com'])).toEqual({
      name: 'create-admin',
      email: 'a@example.com',
      named: 'Administrator',
      resetPassword: false,
    });
  });

  it.each([[['--help']], [['create-admin', '--help']], [['import', '-h']]])('%j → help', (argv) => {
    expect(parseCommand(argv)).toEqual({ name: 'help' });
  });

  it.each([
    ['nothing', []],
    ['an unknown command', ['export', 'x']],
    ['no file', ['import']],
    ['two files', ['import', 'a', 'b']],
    ['an unknown option', ['import', 'a', '--force']],
    ['an option without its value', ['import', 'a', '--email']],
    ['an option of another command', ['import', 'a', '--name', 'Ann']],
    ['no address', ['create-admin']],
    ['a file for an admin', ['create-admin', 'a', '--email', 'a@example.com']],
    ['a server for an admin', ['create-admin', '--email', 'a@example.com', '--url', 'http://localhost']],
    ['no URL', ['import', 'a', '--url', 'here']],
  ])('%s → misuse', (_what, argv) => {
    expect(() => parseCommand(argv)).toThrow(UsageError);
  });
});
