import path from 'node:path';
import { type Command, parseCommand, USAGE, UsageError } from './command-line.js';
import { importOrders } from './import-command.js';
import { readPassword } from './password.js';
import { Progress } from './progress.js';
import { Server } from './server.js';

const REJECTED = 1;
const MISUSED = 2;

/** Variables of the process. `INIT_CWD` is where npm was called: it changes the directory itself. */
export type Variables = Readonly<Partial<Record<'INIT_CWD' | 'PLINTH_PASSWORD' | 'PLINTH_TOKEN', string>>>;

/** Does what the command line says. @returns the exit code. */
export async function run(argv: readonly string[], variables: Variables): Promise<number> {
  try {
    return await obey(parseCommand(argv), variables);
  } catch (error) {
    const isMisuse = error instanceof UsageError;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isMisuse ? `\n${USAGE}` : ''}`);
    return isMisuse ? MISUSED : REJECTED;
  }
}

async function obey(command: Command, variables: Variables): Promise<number> {
  if (command.name === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
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
