import type { LoggerService } from '@nestjs/common';
import { rootLogger } from './root-logger.js';

/** These say why the application could not be made or cannot listen, and throw it on: who started it reports that, once. */
const THROWN_ON: readonly unknown[] = ['ExceptionHandler', 'NestApplication'];

/** What the framework says about itself, as lines of the same form; its call sites tell nobody anything. */
export class NestLogger implements LoggerService {
  log(message: unknown, ...rest: readonly unknown[]): void {
    this.write('debug', message, rest);
  }

  debug(message: unknown, ...rest: readonly unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: readonly unknown[]): void {
    this.write('debug', message, rest);
  }

  warn(message: unknown, ...rest: readonly unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: readonly unknown[]): void {
    this.write(THROWN_ON.includes(rest.at(-1)) ? 'debug' : 'error', message, rest);
  }

  fatal(message: unknown, ...rest: readonly unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: 'debug' | 'warn' | 'error' | 'fatal', message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const module = typeof context === 'string' ? context : 'Nest';
    const details = rest.slice(0, -1).filter((value) => typeof value === 'string');
    const fields = { module, function: null, line: null, ...(details.length > 0 && { detail: details.join('\n') }) };
    if (message instanceof Error) rootLogger()[level]({ ...fields, error: message }, message.message);
    else rootLogger()[level](fields, String(message));
  }
}
