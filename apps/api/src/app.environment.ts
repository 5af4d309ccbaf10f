import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { refusePlaceholder } from './app.secrets.js';
import type { Circumstances, Variable } from './app.variables.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `.env` beside the project, if there is one; what the environment has already wins. */
export function readEnvironment(directory = process.cwd()): Environment {
  const file = path.join(directory, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  return process.env;
}

/** Collects what is wrong instead of stopping at the first fault. */
export function reader(environment: Environment, circumstances: Circumstances, faults: string[]) {
  return <T>(wanted: Variable<T>): T => {
    try {
      return valueOf(wanted, writtenValue(wanted, environment), circumstances);
    } catch (error) {
      faults.push(`${wanted.name} ${error instanceof Error ? error.message : 'is wrong'}`);
      return wanted.absent(circumstances);
    }
  };
}

/** @returns what stands in the environment or, without the line break at its end, in the file that it names. */
function writtenValue({ name, isInFile }: Variable<unknown>, environment: Environment): string | undefined {
  const value = environment[name];
  const file = isInFile && environment[`${name}_FILE`];
  if (!file) return value;
  if (value) throw new Error(`is given twice: by itself and by ${name}_FILE`);
  const text = contentOf(file, name).replace(/\r?\n$/, '');
  if (text === '') throw new Error(`is empty in the file of ${name}_FILE`);
  return text;
}

function contentOf(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`cannot be read from the file of ${name}_FILE`, { cause });
  }
}

/** An empty variable counts as absent: that is how shells and compose files unset one. */
function valueOf<T>(wanted: Variable<T>, given: string | undefined, circumstances: Circumstances): T {
  const { isProduction } = circumstances;
  if (given === undefined || given === '') {
    if (wanted.isRequired && isProduction) throw new Error('is required in production');
    return wanted.absent(circumstances);
  }
  const value = wanted.parse(given);
  if (wanted.isSecret && isProduction) refusePlaceholder(given);
  return value;
}
