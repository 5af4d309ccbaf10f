import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run cli -- <command> [options]

Commands:
  import <file>      Import orders from a file of JSON lines (NDJSON); - reads standard input.

Options:
  --url <url>        The server; http://localhost:3000 unless given.
  --email <email>    Who signs in, an admin. The password is taken from PLINTH_PASSWORD, or asked for on the terminal,
                     or read from standard input.
  --token <token>    An access token instead; also from PLINTH_TOKEN.
  --help             This text.

Ends with 0 when every row was imported or known already, with 1 when rows were rejected or the import failed, with 2
when the command makes no sense. Rejected rows are listed on standard error. Importing a file again is safe:
what was imported is skipped, all else is tried anew.
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
    };

/** The command makes no sense. */
export class UsageError extends Error {}

const OPTIONS = {
  url: { type: 'string', default: 'http://localhost:3000' },
  email: { type: 'string' },
  token: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws UsageError */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parsed(argv);
  const [name, file, ...rest] = positionals;
  if (values.help) return { name: 'help' };
  if (name === undefined) throw new UsageError('No command is given.');
  if (name !== 'import') throw new UsageError(`There is no command ${name}.`);
  if (file === undefined || rest.length > 0) throw new UsageError('import takes one file.');
  if (!URL.canParse(values.url)) throw new UsageError(`${values.url} is no URL.`);
  return { name, file, url: values.url, email: values.email, token: values.token };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
