import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** On a terminal asked for without echo; else the first line of standard input. */
export async function readPassword(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  const output = new Writable({ write: (_chunk, _encoding, done) => done() }); // what is typed goes nowhere
  const lines = createInterface({ input: stdin, output, terminal: stdin.isTTY });
  if (stdin.isTTY) stderr.write(prompt);
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    if (stdin.isTTY) stderr.write('\n');
  }
}

/** A new one: on a terminal twice, since nobody sees what is typed. @throws Error when the two differ. */
export async function readNewPassword(prompt: string): Promise<string> {
  const password = await readPassword(prompt);
  if (process.stdin.isTTY && password !== (await readPassword('Once more: '))) {
    throw new Error('The two passwords differ. Nothing was changed.');
  }
  return password;
}
