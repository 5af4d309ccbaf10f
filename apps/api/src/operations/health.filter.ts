import { type ArgumentsHost, Catch, type ExceptionFilter, ServiceUnavailableException } from '@nestjs/common';
import type { HealthCheckResult } from '@nestjs/terminus';
import { AppLogger } from '@app/logging';
import type { Response } from 'express';

type Parts = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/**
 * Health answers keep the form that probes know (@nestjs/terminus), with 503 when something is down. What the libraries
 * say of it names hosts and databases: it goes into the log alone.
 */
@Catch(ServiceUnavailableException)
export class HealthFilter implements ExceptionFilter<ServiceUnavailableException> {
  private readonly log = new AppLogger(HealthFilter.name);

  catch(exception: ServiceUnavailableException, host: ArgumentsHost): void {
    const result: Partial<HealthCheckResult> = Object(exception.getResponse());
    this.log.warn('not healthy', { parts: result.error });
    host
      .switchToHttp()
      .getResponse<Response>()
      .status(exception.getStatus())
      .setHeader('Cache-Control', 'no-store')
      .type('json')
      .send(JSON.stringify({ ...result, error: withoutTexts(result.error), details: withoutTexts(result.details) }));
  }
}

function withoutTexts(parts: Parts = {}): Parts {
  return Object.fromEntries(Object.entries(parts).map(([name, { message: _message, ...part } = {}]) => [name, part]));
}
