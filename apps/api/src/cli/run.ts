import path from 'node:path';
import { type Command, parseCommand, USAGE, UsageError } from './command-line.js';
import { importOrders } from './import-command.js';
import { readNewPassword, readPassword } from './password.js';
import { Progress } from './progress.js';
import { Server } from './server.js';

const REJECTED = 1;
const MISUSED = 2;

/** Variables of the process. `INIT_CWD` is where npm was called: it changes the directory itself. */
export type Variables = Readonly<Partial<Record<'INIT_CWD' | 'PLINTH_PASSWORD' | 'PLINTH_TOKEN', string>>>;

/** Who is to be an admin. */
export interface AdminRequest {
  readonly email: string;
  /** Of an account that has to be made. */
  readonly name: string;
  /** Whether one that exists gets another password. */
  readonly resetPassword: boolean;
  /** Called once at the most, when one is needed. */
  readonly readPassword: () => Promise<string>;
}

/** Works on the database itself. @returns what it has done, for the person at the terminal. */
export type CreateAdmin = (request: AdminRequest) => Promise<string>;

/** Does what the command line says. @returns the exit code. */
export async function run(argv: readonly string[], variables: Variables, createAdmin: CreateAdmin): Promise<number> {
  try {
    return await obey(parseCommand(argv), variables, createAdmin);
  } catch (error) {
    const isMisuse = error instanceof UsageError;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isMisuse ? `\n${USAGE}` : ''}`);
    return isMisuse ? MISUSED : REJECTED;
  }
}

async function obey(command: Command, variables: Variables, createAdmin: CreateAdmin): Promise<number> {
  if (command.name === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (command.name === 'import') return importFile(command, variables);
  const { email, named: name, resetPassword } = command;
  const askPassword = (): Promise<string> => readNewPassword(`New password of ${email}: `);
  process.stdout.write(`${await createAdmin({ email, name, resetPassword, readPassword: askPassword })}\n`);
  return 0;
}

async function importFile(command: Command & { name: 'import' }, variables: Variables): Promise<number> {
  const server = new Server(command.url);
  const token = await tokenFor(command, server, variables);
  const file = command.file === '-' ? '-' : path.resolve(variables.INIT_CWD ?? '.', command.file);
  const progress = new Progress();
  const { summary, complaints } = await importOrders({ server, token, file, stdin: process.stdin, progress });
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  process.stdout.write(`${summary}\n`);
  return complaints.length > 0 ? REJECTED : 0;
}

/** @throws UsageError when nobody could be signed in. */
async function tokenFor(command: Command & { name: 'import' }, server: Server, variables: Variables): Promise<string> {
  const { token = variables.PLINTH_TOKEN, email, file } = command;
  if (token !== undefined) return token;
  if (email === undefined) throw new UsageError('Give --email or --token.');
  const { PLINTH_PASSWORD: password } = variables;
  if (password === undefined && file === '-' && !process.stdin.isTTY) {
    throw new UsageError('Standard input holds the orders: give the password by PLINTH_PASSWORD.');
  }
  return server.signIn(email, password ?? (await readPassword(`Password of ${email}: `)));
}
