import { existsSync } from 'node:fs';
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
      return valueOf(wanted, environment[wanted.name], circumstances);
    } catch (error) {
      faults.push(`${wanted.name} ${error instanceof Error ? error.message : 'is wrong'}`);
      return wanted.absent(circumstances);
    }
  };
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
