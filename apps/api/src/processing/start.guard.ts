import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Caller } from '@app/auth';
import { LINES_TYPE } from '@app/rest';
import type { Request } from 'express';
import { ProcessingService } from './processing.service.js';

/** Who may not start a job is told so before his body of lines, which may be large, is read. */
@Injectable()
export class StartGuard implements CanActivate {
  constructor(private readonly processing: ProcessingService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request & { user?: unknown }>();
    const { type } = request.query;
    if (request.is(LINES_TYPE) === LINES_TYPE && request.user instanceof Caller) {
      await this.processing.assertMaySendLines(typeof type === 'string' ? type : undefined, request.user);
    }
    return true;
  }
}
