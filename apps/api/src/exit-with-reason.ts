import { DatabaseStartError } from '@app/database';
import { CertificateError } from '@app/edge';
import { AppLogger } from '@app/logging';
import { ConfigError } from './app.config.js';

const log = new AppLogger('main');

/** Ends the process with 1. What the operator can mend is said in one line, anything else with its stack. */
export function exitWithReason(message: string, error: unknown): never {
  const reason = reasonOf(error);
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else log.fatal(message, reason === undefined ? { error } : { reason });
  process.exit(1);
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof DatabaseStartError || error instanceof CertificateError) return error.message;
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return undefined;
  return `${error.message}: choose another PORT, METRICS_PORT or HOST, or end what uses it`;
}
