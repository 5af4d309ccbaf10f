import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run cli -- <command> [options]

Commands:
  import <file>      Import orders from a file of JSON lines (NDJSON); - reads standard input.
  create-admin       Make an account that is an admin, or an admin of the account that has the address already. Works on
                     the database itself (DATABASE_URL, or the embedded one while no server runs on it).

Options of import:
  --url <url>        The server; http://localhost:3000 unless given.
  --email <email>    Who signs in, an admin. The password is taken from PLINTH_PASSWORD, or asked for on the terminal,
                     or read from standard input.
  --token <token>    An access token instead; also from PLINTH_TOKEN.

Options of create-admin:
  --email <email>    Whose account. A new one needs a password: asked for on the terminal, twice, or the first line of
                     standard input.
  --name <name>      Of a new account; Administrator unless given.
  --reset-password   Ask for a password for an account that exists, too; its sessions end.

  --help             This text.

import ends with 0 when every row was imported or known already, with 1 when rows were rejected or the import failed.
Rejected rows are listed on standard error. Importing a file again is safe: what was imported is skipped, all else is
tried anew. create-admin ends with 0 when the account is an admin, with 1 when it could not be made one; doing it again is
safe. A command that makes no sense ends with 2.
`;

/** What can be asked for. */
export type Command =
  | { readonly name: 'help' }
  | {
      readonly name: 'import';
      /** `-` for standard input. */
      readonly file: string;
      readonly url: string;
      readonly email: string | undefined;
      readonly token: string | undefined;
    }
  | {
      readonly name: 'create-admin';
      readonly email: string;
      /** Of the person. */
      readonly named: string;
      readonly resetPassword: boolean;
    };

/** The command makes no sense. */
export class UsageError extends Error {}

const OPTIONS = {
  url: { type: 'string' },
  email: { type: 'string' },
  token: { type: 'string' },
  name: { type: 'string' },
  'reset-password': { type: 'boolean' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Values = ReturnType<typeof parsed>['values'];

/** @throws UsageError */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parsed(argv);
  const [name, ...rest] = positionals;
  if (values.help) return { name: 'help' };
  if (name === undefined) throw new UsageError('No command is given.');
  if (name === 'import') return importCommand(rest, values);
  if (name === 'create-admin') return createAdminCommand(rest, values);
  throw new UsageError(`There is no command ${name}.`);
}

function importCommand([file, ...rest]: readonly string[], values: Values): Command {
  assertOwn('import', values, ['url', 'email', 'token']);
  const { url = 'http://localhost:3000', email, token } = values;
  if (file === undefined || rest.length > 0) throw new UsageError('import takes one file.');
  if (!URL.canParse(url)) throw new UsageError(`${url} is no URL.`);
  return { name: 'import', file, url, email, token };
}

function createAdminCommand(rest: readonly string[], values: Values): Command {
  assertOwn('create-admin', values, ['email', 'name', 'reset-password']);
  const { email, name: named = 'Administrator', 'reset-password': resetPassword = false } = values;
  if (rest.length > 0) throw new UsageError('create-admin takes options alone.');
  if (email === undefined) throw new UsageError('create-admin needs --email.');
  return { name: 'create-admin', email, named, resetPassword };
}

function assertOwn(command: string, values: Values, own: readonly string[]): void {
  const foreign = Object.keys(values).find((option) => option !== 'help' && !own.includes(option));
  if (foreign !== undefined) throw new UsageError(`${command} has no --${foreign}.`);
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
